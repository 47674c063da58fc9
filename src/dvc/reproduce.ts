import { BrokenError } from './broken.ts'
import { forgetGoneStages } from './forget-stages.ts'
import { runDvc } from './run.ts'

/** DVC's own words for a pipeline without anything to run. */
const UP_TO_DATE = 'Data and pipelines are up to date.'

/** DVC's -1, as a shell sees it: a stage failed. */
const DVC_FAILED = 255

/** The option of `dvc repro` with which it runs nothing. */
const DRY = '--dry'

/** What is done with the scores that there are; gives a line for a person where there was something to do. */
export type RecordScores = () => Promise<string | undefined>

/**
 * Runs `dvc repro` and gives the line that a person reads; nothing where DVC has said what went wrong.
 *
 * Afterwards scores are recorded, also where it failed or named a stage before report, which records them itself; and what
 * dvc.lock has of stages that are no more goes.
 *
 * The program's exit code becomes 1 when a stage failed, and 128 + n after signal n.
 */
export async function reproduce(
  args: readonly string[],
  record: RecordScores = async () => undefined,
): Promise<string | undefined> {
  const { exitCode, output } = await runDvc(['repro', ...args], { watch: true })
  process.exitCode = exitCode === DVC_FAILED ? 1 : exitCode
  if (!args.includes(DRY)) {
    tell(await record())
    tell(await forgotten(exitCode))
  }
  if (exitCode !== 0) return undefined
  return output.includes(UP_TO_DATE) ? 'everything is up to date' : 'done'
}

function tell(line: string | undefined): void {
  if (line !== undefined) console.log(line)
}

/** Cleans dvc.lock up and says so. Where DVC failed at a file that cannot be read, it has said that already. */
async function forgotten(exitCode: number): Promise<string | undefined> {
  try {
    const names = await forgetGoneStages()
    return names.length > 0 ? `dvc.lock: no longer ${names.join(', ')}, gone from dvc.yaml` : undefined
  } catch (error) {
    if (exitCode !== 0 && error instanceof BrokenError) return undefined
    throw error
  }
}
