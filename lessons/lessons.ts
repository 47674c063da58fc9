import { ConfigError } from '../src/core/errors.ts'
import { writeFileAtomically } from '../src/core/files.ts'
import { drawSvg } from '../src/report/svg.ts'
import { LANGUAGES, type Language, type Lesson, padded } from './lesson.ts'

/** The lessons by name, each in its own file, loaded on demand. */
export const LESSONS = {
  regression: {
    about: { en: 'a straight line, learned from five points', ja: '5つの点から直線を学習する' },
    open: () => import('./regression.ts'),
  },
  xor: {
    about: {
      en: 'exclusive or: four points that no straight line separates',
      ja: '排他的論理和（XOR）：1本の直線では分けられない4つの点',
    },
    open: () => import('./xor.ts'),
  },
  'learning-rate': {
    about: {
      en: 'too small, right, too large; SGD and Adam compared',
      ja: '学習率：小さすぎ、適切、大きすぎ。SGDとAdamの比較',
    },
    open: () => import('./learning-rate.ts'),
  },
  overfitting: {
    about: {
      en: 'a network memorizes noise; dropout, L2 and early stopping',
      ja: '過学習：ノイズまで覚えてしまうネットワークと、3つの対策',
    },
    open: () => import('./overfitting.ts'),
  },
} as const satisfies Readonly<
  Record<string, { about: Readonly<Record<Language, string>>; open: () => Promise<{ run: () => Lesson }> }>
>

export type LessonName = keyof typeof LESSONS

/** One line per lesson. */
export function lessonHelp(lang: Language): string {
  return Object.entries(LESSONS)
    .map(([name, { about }]) => `  ${padded(name, 15)}${about[lang]}`)
    .join('\n')
}

/** The lesson of that name. @throws ConfigError that lists the names when there is none. */
export function chooseLesson(name = 'nothing'): LessonName {
  const names = Object.keys(LESSONS) as LessonName[]
  const found = names.find((each) => each === name)
  if (found) return found
  throw new ConfigError(
    `Expected a lesson, one of ${names.join(', ')}, received ${name}. Run \`npm run lesson -- --help\` for what they are about.`,
  )
}

/** The language of that name. @throws ConfigError that lists the languages when there is none. */
export function chooseLanguage(name = 'en'): Language {
  const found = LANGUAGES.find((each) => each === name)
  if (found) return found
  throw new ConfigError(`Expected --lang to be one of ${LANGUAGES.join(', ')}, received ${name}.`)
}

/** Runs a lesson: writes its figure to `path` and returns the lines to print. */
export async function runLesson(name: LessonName, path: string, lang: Language = 'en'): Promise<string> {
  const { run } = await LESSONS[name].open()
  const { lines, figure } = run().tell(lang)
  await writeFileAtomically(path, await drawSvg(figure))
  return lines.join('\n')
}
