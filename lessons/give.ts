import { ConfigError } from '../src/core/errors.ts'
import { writeFileAtomically } from '../src/core/files.ts'
import { drawSvg } from '../src/report/svg.ts'
import type { Lesson } from './lesson.ts'

/** The lessons by name, each in a file of its own that is loaded when it is asked for. */
export const LESSONS = {
  regression: { about: 'a straight line, learned from five points', open: () => import('./regression.ts') },
  xor: { about: 'four points that no straight line separates', open: () => import('./xor.ts') },
  'learning-rate': {
    about: 'too small, right, too large; and SGD beside Adam',
    open: () => import('./learning-rate.ts'),
  },
  overfitting: {
    about: 'noise learned by heart, and three remedies: dropout, L2, early stopping',
    open: () => import('./overfitting.ts'),
  },
} as const satisfies Readonly<Record<string, { about: string; open: () => Promise<{ run: () => Lesson }> }>>

export type LessonName = keyof typeof LESSONS

/** A line a lesson. */
export const LESSON_HELP = Object.entries(LESSONS)
  .map(([name, { about }]) => `  ${name.padEnd(15)}${about}`)
  .join('\n')

/** The lesson of that name. @throws ConfigError with all names when there is none */
export function chooseLesson(name = 'nothing'): LessonName {
  const names = Object.keys(LESSONS) as LessonName[]
  const found = names.find((each) => each === name)
  if (found) return found
  throw new ConfigError(
    `Expected a lesson, one of ${names.join(', ')}, received ${name}. See --help for what they are.`,
  )
}

/** Gives a lesson: writes its image to `path` and returns what is to be printed. */
export async function giveLesson(name: LessonName, path: string): Promise<string> {
  const { run } = await LESSONS[name].open()
  const { lines, figure } = run()
  await writeFileAtomically(path, await drawSvg(figure))
  return lines.join('\n')
}
