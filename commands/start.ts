/**
 * start: the pipeline from its images to its gate, what the gate says, and where to read what came out.
 *
 * usage   npm start, which runs set-up first
 */

import { runScript } from '../src/core/stage.ts'
import { reproduce } from '../src/dvc/reproduce.ts'
import { describeOutcome } from '../src/report/outcome.ts'
import { revealsRecorded } from '../src/report/reveals.ts'

await runScript('repro', () => reproduce([], revealsRecorded))
if (!process.exitCode) await runScript('start', describeOutcome)
