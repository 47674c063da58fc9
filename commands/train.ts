/**
 * train: train and evaluate one configuration, and what it needs before, through DVC.
 *
 * usage   npm run train -- -m original -t zero | --config NAME | --help
 */
import { argv } from 'zx'
import { CHOICE_HELP, chooseConfiguration } from '../src/config/choose.ts'
import { loadParams } from '../src/config/load.ts'
import { reproduce } from '../src/dvc/reproduce.ts'
import { runCommand } from '../src/stage.ts'

const HELP = `train: train and evaluate one configuration; what is up to date is left alone

usage: npm run train -- [options]
${CHOICE_HELP}
  --help                                           this text`

await runCommand('train', async () => {
  if (argv.help) return void console.log(HELP)
  return reproduce([`evaluate@${chooseConfiguration(await loadParams(), argv)}`])
})
