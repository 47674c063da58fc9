import { announceLive } from '../core/live.ts'
import { runDvc } from './run.ts'

/** DVC's own words for a pipeline without anything to run. */
const UP_TO_DATE = 'Data and pipelines are up to date.'

/** DVC's -1, as a shell sees it: a stage failed. */
const DVC_FAILED = 255

/**
 * Runs `dvc repro` and gives the line that a person reads; nothing where DVC has said what went wrong.
 *
 * The program's exit code becomes 1 when a stage failed, and 128 + n after signal n.
 */
export async function reproduce(args: readonly string[]): Promise<string | undefined> {
  await announceLive()
  const { exitCode, output } = await runDvc(['repro', ...args], { watch: true })
  process.exitCode = exitCode === DVC_FAILED ? 1 : exitCode
  if (exitCode !== 0) return undefined
  return output.includes(UP_TO_DATE) ? 'everything is up to date' : 'done'
}
