/**
 * seeds: train a configuration with several seeds, and show how much its validation accuracy varies.
 *
 * runs    a DVC experiment of train@NAME for each, in a temporary copy; the checkout stays as it is, except for records/seeds.jsonl
 */
import { runScript } from '../src/core/script.ts'
import { seeds } from '../src/dvc/tuning/tune.ts'

await runScript('seeds', () => seeds(process.argv.slice(2)))
