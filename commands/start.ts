/**
 * start: the pipeline from its pictures to its gate, what the gate says, and where to read what came out.
 *
 * usage   npm start, which runs set-up first
 */
import { reproduce } from '../src/dvc/reproduce.ts'
import { revealsRecorded } from '../src/evaluation/reveals.ts'
import { describeOutcome } from '../src/report/outcome.ts'
import { runCommand } from '../src/stage.ts'

await runCommand('repro', () => reproduce([], revealsRecorded))
if (!process.exitCode) await runCommand('start', describeOutcome)
