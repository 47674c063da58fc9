/** finish: end the training of a configuration, running or interrupted, with the best weights it has so far. */
import { runCommand } from '../src/command-line/arguments.ts'
import { CHOICE_HELP, CHOICE_OPTIONS, chooseConfiguration } from '../src/command-line/choose.ts'
import { loadParams } from '../src/command-line/params.ts'
import { selectConfiguration } from '../src/train/params.ts'

const HELP = `finish: end the training of a configuration with the best weights it has so far

usage: npm run finish -- [options]
${CHOICE_HELP}
  --help               this text`

await runCommand('finish', { help: HELP, options: CHOICE_OPTIONS }, async ({ values }) => {
  const { requestFinish } = await import('../src/train/checkpointer.ts') // loads TensorFlow
  const params = await loadParams()
  const name = chooseConfiguration(params, values)
  await requestFinish(selectConfiguration(params, name))
  return `${name} ends after its current step, or after its first epoch if that is not over; an interrupted training ends with the next \`npm run repro\``
})
