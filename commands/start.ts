/**
 * start: the whole pipeline, the verdict of its gate, and where to read the results.
 *
 * usage   npm start, which runs set-up first
 */
import { runScript } from '../src/core/stage.ts'
import { reproduce } from '../src/dvc/reproduce.ts'
import { describeOutcome } from '../src/gate/verdict.ts'

await runScript('repro', () => reproduce([]))
if (!process.exitCode) await runScript('start', describeOutcome)
