import { runDvc } from './run.ts'

/** DVC's own words for a pipeline without anything to run. */
const UP_TO_DATE = 'Data and pipelines are up to date.'

/**
 * Runs `dvc repro` and gives the line that a person reads; nothing where DVC has said what went wrong.
 *
 * The program's exit code becomes DVC's.
 */
export async function reproduce(args: readonly string[]): Promise<string | undefined> {
  const { exitCode, output } = await runDvc(['repro', ...args], { watch: true })
  process.exitCode = exitCode
  if (exitCode !== 0) return undefined
  return output.includes(UP_TO_DATE) ? 'everything is up to date' : 'done'
}
