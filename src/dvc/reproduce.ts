import { announceLive } from '../core/live.ts'
import { runDvc } from './run.ts'

/** DVC's own words for a pipeline without anything to run. */
const UP_TO_DATE = 'Data and pipelines are up to date.'

/** DVC's -1, as a shell sees it: a stage failed. */
const DVC_FAILED = 255

/** Options of `dvc repro` after which it has run nothing. */
const DRY = ['--dry', '-h', '--help']

/** What is done with the scores that there are; gives a line for a person where there was something to do. */
export type RecordScores = () => Promise<string | undefined>

/**
 * Runs `dvc repro` and gives the line that a person reads; nothing where DVC has said what went wrong.
 *
 * Afterwards scores are recorded, also where it failed or named a stage before report, which records them itself.
 *
 * The program's exit code becomes 1 when a stage failed, and 128 + n after signal n.
 */
export async function reproduce(
  args: readonly string[],
  record: RecordScores = async () => undefined,
): Promise<string | undefined> {
  await announceLive()
  const { exitCode, output } = await runDvc(['repro', ...args], { watch: true })
  process.exitCode = exitCode === DVC_FAILED ? 1 : exitCode
  const recorded = args.some((arg) => DRY.includes(arg)) ? undefined : await record()
  if (recorded !== undefined) console.log(recorded)
  if (exitCode !== 0) return undefined
  return output.includes(UP_TO_DATE) ? 'everything is up to date' : 'done'
}
