/**
 * repro: run what changed in the pipeline, and what depends on it.
 *
 * usage   npm run repro [-- arguments of `dvc repro`, such as a stage's name]
 */
import { reproduce } from '../src/dvc/reproduce.ts'
import { runCommand } from '../src/stage.ts'

await runCommand('repro', () => reproduce(process.argv.slice(2)))
