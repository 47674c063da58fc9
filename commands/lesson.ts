/**
 * lesson: run one of the study's lessons; prints a few lines and draws a figure.
 *
 * usage   npm run lesson -- regression | xor | learning-rate | overfitting | --help
 * writes  artifacts/lessons/<name>.svg
 */
import { chooseLesson, LESSON_HELP, runLesson } from '../lessons/lessons.ts'
import { readArguments } from '../src/command-line/arguments.ts'
import { runScript } from '../src/core/stage.ts'

const HELP = `usage: npm run lesson -- NAME

Runs a small training and draws its figure into artifacts/lessons/NAME.svg. The
lessons:
${LESSON_HELP}`

await runScript('lesson', async () => {
  const given = readArguments(process.argv.slice(2), { help: HELP, options: {}, words: 1 })
  if (!given) return undefined
  const name = chooseLesson(given.words[0])
  const path = `artifacts/lessons/${name}.svg`
  console.log(await runLesson(name, path))
  return path
})
