import { announceLive } from '../core/live.ts'
import { runDvc } from './run.ts'

/** DVC's own words for a pipeline without anything to run. */
const UP_TO_DATE = 'Data and pipelines are up to date.'

/** DVC's -1, as a shell sees it: a stage failed. */
const DVC_FAILED = 255

/** The last stage that looks at the test set. */
const SCORING = 'evaluate'

/** Options of `dvc repro` after which it has run nothing. */
const DRY = ['--dry', '-h', '--help']

/** What is done once the models are scored; gives a line for a person where that changed something that report reads. */
export type RecordScores = () => Promise<string | undefined>

/**
 * Runs `dvc repro` and gives the line that a person reads; nothing where DVC has said what went wrong.
 *
 * Scores are recorded before report reads the record: first everything up to evaluate runs, then all the rest. With
 * arguments DVC runs once, and once more where they name no stage and there was something to record.
 *
 * The program's exit code becomes 1 when a stage failed, and 128 + n after signal n.
 */
export async function reproduce(
  args: readonly string[],
  record: RecordScores = async () => undefined,
): Promise<string | undefined> {
  await announceLive()
  const first = await run(args.length > 0 ? args : [SCORING])
  if (args.some((arg) => DRY.includes(arg))) return first.ended ? 'done' : undefined
  const recorded = await record()
  if (recorded !== undefined) console.log(recorded)
  if (!first.ended) return undefined
  const namesStage = args.some((arg) => !arg.startsWith('-'))
  if (args.length > 0 && (namesStage || recorded === undefined)) return first.idle ? IDLE : 'done'
  const second = await run([])
  if (!second.ended) return undefined
  return first.idle && second.idle ? IDLE : 'done'
}

const IDLE = 'everything is up to date'

async function run(args: readonly string[]): Promise<{ ended: boolean; idle: boolean }> {
  const { exitCode, output } = await runDvc(['repro', ...args], { watch: true })
  process.exitCode = exitCode === DVC_FAILED ? 1 : exitCode
  return { ended: exitCode === 0, idle: output.includes(UP_TO_DATE) }
}
