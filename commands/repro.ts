/** repro: run what changed in the pipeline, and what depends on it; record what was trained and scored. */
import { runScript } from '../src/core/script.ts'
import { reproduce } from '../src/dvc/reproduce.ts'

const HELP = `usage: npm run repro [-- STAGE … and other arguments of \`dvc repro\`]

Runs what changed in the pipeline, and what depends on it. Between evaluate and
report it adds to records/ what was trained and scored on the test set.
Exit code 1 when a stage failed, the gate included; results/ is written anyway.

  fetch, train@NAME, …
                       stops at this stage
  --dry                says what would run and why, and what may follow
  --force              also runs what is up to date
  --help               this text; for all: npm run dvc -- repro --help`

const args = process.argv.slice(2)

await runScript('repro', async () => {
  if (!args.includes('--help') && !args.includes('-h')) return reproduce(args)
  console.log(HELP)
  return undefined
})
