/**
 * lesson: run one of the study's lessons; prints a few lines and draws a figure.
 *
 * writes  artifacts/lessons/<name>.svg
 */
import { chooseLesson, LESSON_HELP, runLesson } from '../lessons/lessons.ts'
import { runCommand } from '../src/command-line/arguments.ts'

const HELP = `usage: npm run lesson -- NAME

Runs a small training and draws its figure into artifacts/lessons/NAME.svg. The
lessons:
${LESSON_HELP}`

await runCommand('lesson', { help: HELP, options: {}, words: 1 }, async ({ words: [word] }) => {
  const name = chooseLesson(word)
  const path = `artifacts/lessons/${name}.svg`
  console.log(await runLesson(name, path))
  return path
})
