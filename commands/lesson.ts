/**
 * lesson: run one of the study's lessons; prints a few lines and draws a figure.
 *
 * writes  artifacts/lessons/<name>.svg
 */
import { chooseLanguage, chooseLesson, lessonHelp, runLesson } from '../lessons/lessons.ts'
import { runCommand } from '../src/command-line/arguments.ts'

const HELP = `usage: npm run lesson -- NAME [--lang en|ja]

Runs a small training and draws its figure into artifacts/lessons/NAME.svg. The
lessons, in English or in Japanese (--lang ja):
${lessonHelp('en')}

${lessonHelp('ja')}`

await runCommand(
  'lesson',
  { help: HELP, options: { lang: { type: 'string' } }, words: 1 },
  async ({ values, words: [word] }) => {
    const lang = chooseLanguage(values.lang)
    const name = chooseLesson(word)
    const path = `artifacts/lessons/${name}.svg`
    console.log(await runLesson(name, path, lang))
    return path
  },
)
