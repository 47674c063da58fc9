/**
 * finish: end the training of a configuration, running or interrupted, with the best weights it has so far.
 *
 * usage   npm run finish -- --config NAME | -m ARCHITECTURE -t MODE | --help
 */
import { argv } from 'zx'
import { CHOICE_HELP, chooseConfiguration } from '../src/config/choose.ts'
import { loadParams, selectConfiguration } from '../src/config/load.ts'
import { runCommand } from '../src/stage.ts'

const HELP = `finish: end the training of a configuration with the best weights it has so far

usage: npm run finish -- [options]
${CHOICE_HELP}
  --help                                           this text`

await runCommand('finish', async () => {
  if (argv.help) return void console.log(HELP)
  const { requestRunFinish } = await import('../src/training/run-keeper.ts')
  const params = await loadParams()
  const name = chooseConfiguration(params, argv)
  await requestRunFinish(selectConfiguration(params, name), params)
  return `${name} ends after its current step, as soon as one epoch is over; where it does not run, \`npm run repro\` ends it`
})
