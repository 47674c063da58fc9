import { loadParams } from '../config/load.ts'
import type { Params } from '../config/schema.ts'
import { fullDiskError } from './disk.ts'
import { messageOf, PaddockError } from './errors.ts'
import { outliveReader } from './reader.ts'

/**
 * Runs one stage: loads the parameters, times the work, reports the outcome.
 *
 * The string that `work` returns is the one line a person reads. Expected failures print their message alone and end with
 * their exit code, 1 as a rule; bugs keep their stack. A reader that goes away ends nothing.
 */
export async function runStage(name: string, work: (params: Params) => Promise<string>): Promise<void> {
  await run(name, async () => work(await loadParams()))
}

/** Runs one command the same way; `work` loads what it needs, and prints by itself when it returns nothing. */
export async function runCommand(name: string, work: () => Promise<string | undefined>): Promise<void> {
  await run(name, work)
}

const FULL_DISK_REMEDY = 'Make room there and run the same command again; what was there before is whole.'

async function run(name: string, work: () => Promise<string | undefined>): Promise<void> {
  const start = performance.now()
  outliveReader()
  try {
    const summary = await work()
    if (summary !== undefined) console.log(`${name}: ${summary} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  } catch (error) {
    const failure = fullDiskError(error, process.cwd(), FULL_DISK_REMEDY) ?? error
    if (!(failure instanceof PaddockError)) throw failure
    console.error(`${name}: ${failure.name}: ${messageOf(failure)}`)
    process.exitCode = failure.exitCode
  }
}
