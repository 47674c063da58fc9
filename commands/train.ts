/**
 * train: train and evaluate one configuration, and what it needs before, through DVC.
 *
 * usage   npm run train -- -m original -t zero | --config NAME | --help
 */
import { readArguments } from '../src/command-line/arguments.ts'
import { CHOICE_HELP, CHOICE_OPTIONS, chooseConfiguration } from '../src/command-line/choose.ts'
import { loadParams } from '../src/command-line/params.ts'
import { runScript } from '../src/core/stage.ts'
import { reproduce } from '../src/dvc/reproduce.ts'

const HELP = `train: train and evaluate one configuration; what is up to date is left alone

usage: npm run train -- [options]
${CHOICE_HELP}
  --help                                           this text`

await runScript('train', async () => {
  const given = readArguments(process.argv.slice(2), { help: HELP, options: CHOICE_OPTIONS, words: 0 })
  if (!given) return undefined
  return reproduce([`evaluate@${chooseConfiguration(await loadParams(), given.values)}`])
})
