/**
 * repro: run what changed in the pipeline, and what depends on it; enter into the ledger what was scored on the test set.
 *
 * usage   npm run repro [-- arguments of `dvc repro`, such as a stage's name] | --help
 */

import { wrapHelp } from '../src/command-line/wrap.ts'
import { runScript } from '../src/core/stage.ts'
import { reproduce } from '../src/dvc/reproduce.ts'
import { revealsRecorded } from '../src/report/reveals.ts'

const HELP = `usage: npm run repro [-- STAGE … and other arguments of \`dvc repro\`]

Runs what changed in the pipeline, and what depends on it; then enters into results/test-ledger.jsonl what was scored
on the test set. Exit code 1 when a stage failed, the gate among them; results/ is written all the same.

  fetch, train@NAME, …   up to this stage alone
  --dry                  says what would run
  --force                runs what is up to date, too
  --help                 this text; all arguments: npm run dvc -- repro --help`

const args = process.argv.slice(2)

await runScript('repro', async () => {
  if (!args.some((arg) => arg === '--help' || arg === '-h')) return reproduce(args, revealsRecorded)
  console.log(wrapHelp(HELP))
  return undefined
})
