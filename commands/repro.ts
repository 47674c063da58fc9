/**
 * repro: run what changed in the pipeline, and what depends on it; enter into the ledger what was scored on the test set.
 *
 * usage   npm run repro [-- arguments of `dvc repro`, such as a stage's name]
 */
import { reproduce } from '../src/dvc/reproduce.ts'
import { revealsRecorded } from '../src/evaluation/reveals.ts'
import { runCommand } from '../src/stage.ts'

await runCommand('repro', () => reproduce(process.argv.slice(2), revealsRecorded))
