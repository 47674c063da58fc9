import { readArguments } from '../../command-line/arguments.ts'
import { DataError, messageOf } from '../../core/errors.ts'
import { BrokenError } from '../../dvc/broken.ts'
import { describeFaults, readVerification } from './verification.ts'

const HELP = `usage: npm run verify [-- --json]

Do the committed files agree with each other? dvc.lock with the code, the
parameters and the pin; results/ and records/ with dvc.lock, the test set and
each other: predictions, counts, intervals, the chosen configuration, the
verdict and the model card. Is the gate passed? Prints a line on standard output
for everything that is stale, contradictory or missed. Needs no Python, data or
GPU.

It does not show that anyone trained: a person who can write these files can
make them agree. \`npm run certify\` trains again and compares.

  --json  {"verdict": "passed" | "stale" | "gate failed" | "broken", "stages",
          "leftovers", "staleConfigurations", "isDataStale", "unknown",
          "results", "texts", "gate"}; or "problem" where it is broken
  --help  this text

Exit code 0: up to date and passed. 1: stale, or the gate failed. 2: a file is
missing, in conflict or malformed.`

/** The command `verify`. @throws DataError unless everything is up to date and passed */
export async function verify(args: readonly string[]): Promise<string | undefined> {
  const given = readArguments(args, { help: HELP, options: { json: { type: 'boolean' } }, words: 0 })
  if (!given) return undefined
  if (given.values.json) return void printJson()
  const verification = readVerification()
  for (const line of describeFaults(verification)) console.log(line)
  if (verification.verdict === 'passed') return `up to date, gate passed: ${verification.gate.message}`
  if (verification.verdict === 'gate failed') throw new DataError('The gate failed: see above.')
  throw new DataError('The above is stale or contradictory. Run `npm run repro` and commit what it changes.')
}

function printJson(): void {
  try {
    const verification = readVerification()
    console.log(JSON.stringify(verification))
    process.exitCode = verification.verdict === 'passed' ? 0 : 1
  } catch (error) {
    if (!(error instanceof BrokenError)) throw error
    console.log(JSON.stringify({ verdict: 'broken', problem: messageOf(error) }))
    process.exitCode = error.exitCode
  }
}
