/**
 * start: the pipeline from its pictures to its gate, and where to read what came out. `npm start` runs set-up first.
 *
 * usage   npm start
 */
import { existsSync } from 'node:fs'
import { paths } from '../src/core/paths.ts'
import { reproduce } from '../src/dvc/reproduce.ts'
import { runCommand } from '../src/stage.ts'

await runCommand('repro', () => reproduce([]))
if (existsSync(paths.resultsTable)) console.log(`start: the results are in ${paths.resultsTable}`)
