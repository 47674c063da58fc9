import { ConfigError } from '../src/core/errors.ts'
import { writeFileAtomically } from '../src/core/files.ts'
import { drawSvg } from '../src/report/svg.ts'
import type { Lesson } from './lesson.ts'

/** The lessons by name, each in its own file, loaded on demand. */
export const LESSONS = {
  regression: { about: 'a straight line, learned from five points', open: () => import('./regression.ts') },
  xor: { about: 'exclusive or: four points that no straight line separates', open: () => import('./xor.ts') },
  'learning-rate': {
    about: 'too small, right, too large; SGD and Adam compared',
    open: () => import('./learning-rate.ts'),
  },
  overfitting: {
    about: 'a network memorizes noise; dropout, L2 and early stopping',
    open: () => import('./overfitting.ts'),
  },
} as const satisfies Readonly<Record<string, { about: string; open: () => Promise<{ run: () => Lesson }> }>>

export type LessonName = keyof typeof LESSONS

/** One line per lesson. */
export const LESSON_HELP = Object.entries(LESSONS)
  .map(([name, { about }]) => `  ${name.padEnd(15)}${about}`)
  .join('\n')

/** The lesson of that name. @throws ConfigError that lists the names when there is none. */
export function chooseLesson(name = 'nothing'): LessonName {
  const names = Object.keys(LESSONS) as LessonName[]
  const found = names.find((each) => each === name)
  if (found) return found
  throw new ConfigError(
    `Expected a lesson, one of ${names.join(', ')}, received ${name}. Run \`npm run lesson -- --help\` for what they are about.`,
  )
}

/** Runs a lesson: writes its figure to `path` and returns the lines to print. */
export async function runLesson(name: LessonName, path: string): Promise<string> {
  const { run } = await LESSONS[name].open()
  const { lines, figure } = run()
  await writeFileAtomically(path, await drawSvg(figure))
  return lines.join('\n')
}
