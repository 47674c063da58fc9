/**
 * clean: what DVC's cache, checkpoints, features, old models and copies of experiments take; with --yes, what nothing needs goes.
 *
 * usage   npm run clean [-- --keep LIST] [--checkpoints] [--features] [--yes]
 */
import { clean } from '../src/clean/clean.ts'
import { runScript } from '../src/core/stage.ts'

await runScript('clean', () => clean(process.argv.slice(2)))
