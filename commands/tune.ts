/**
 * tune: train a configuration with each combination of some settings, and rank them on validation.
 *
 * runs    a DVC experiment of train@NAME for each, in a temporary copy; the checkout stays as it is
 */
import { runScript } from '../src/core/script.ts'
import { tune } from '../src/dvc/tuning/tune.ts'

await runScript('tune', () => tune(process.argv.slice(2)))
