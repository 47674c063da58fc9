/**
 * seeds: train a configuration with several seeds, and say how much its validation accuracy varies.
 *
 * usage   npm run seeds -- --config NAME [--seeds N] [--jobs N] | --clean | --help
 * runs    a DVC experiment of train@NAME for each, in a temporary copy
 * writes  .paddock/trials/; the checkout stays as it is
 */
import { runScript } from '../src/core/stage.ts'
import { seeds } from '../src/dvc/tuning/seeds.ts'

await runScript('seeds', () => seeds(process.argv.slice(2)))
