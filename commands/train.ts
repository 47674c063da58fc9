/** train: train and evaluate one configuration, and what it needs before, through DVC. */
import { runCommand } from '../src/command-line/arguments.ts'
import { CHOICE_HELP, CHOICE_OPTIONS, chooseConfiguration } from '../src/command-line/choose.ts'
import { loadParams } from '../src/command-line/params.ts'
import { reproduce } from '../src/dvc/reproduce.ts'

const HELP = `train: train and evaluate one configuration; what is up to date is left alone

usage: npm run train -- [options]
${CHOICE_HELP}
  --help               this text`

await runCommand('train', { help: HELP, options: CHOICE_OPTIONS }, async ({ values }) =>
  reproduce([`evaluate@${chooseConfiguration(await loadParams(), values)}`]),
)
