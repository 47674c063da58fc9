/**
 * ledger: enter into results/test-ledger.jsonl every configuration that was scored on the test set, once a model and set.
 *
 * usage   npm run ledger [-- --help]; `npm run repro` does it too
 * reads   artifacts/evaluate/<config>/{metrics.json, identity.json}
 * writes  results/test-ledger.jsonl, at its end
 */
import { readArguments } from '../src/command-line/arguments.ts'
import { runScript } from '../src/core/stage.ts'
import { describeReveals, recordReveals } from '../src/report/reveals.ts'

const HELP = `ledger: enter every configuration that was scored on the test set, once a model and set

usage: npm run ledger

Writes results/test-ledger.jsonl, which belongs into git: what the test set has told stays told. \`npm run repro\` does the same.`

await runScript('ledger', async () => {
  const given = readArguments(process.argv.slice(2), { help: HELP, options: {}, words: 0 })
  return given && describeReveals(await recordReveals())
})
