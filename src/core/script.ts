import { checkInputs } from './checks.ts'
import { watchStage } from './dependencies.ts'
import { fileFailure, messageOf, PaddockError } from './errors.ts'
import { fullDiskError } from './files.ts'

const FULL_DISK_REMEDY = 'Free some space and run the same command again; nothing that was there before is lost.'

const checks: (() => Promise<void>)[] = []
let isRunning = false

/** Runs `check` once the work of the running script is done; the script fails if it throws. Does nothing outside of a script. */
export function checkAtEnd(check: () => Promise<void>): void {
  if (isRunning) checks.push(check)
}

/** Runs these checks early, before a result is saved that must not be kept if one fails. */
export async function runChecks(): Promise<void> {
  for (const check of checks) await check()
}

/**
 * Runs a stage or a command: times the work and reports the outcome. A stage that DVC runs checks its inputs first.
 *
 * The string that `work` returns is the one line that a person reads; without one, `work` has printed by itself. An expected
 * failure prints its message alone and sets its exit code, usually 1; a bug keeps its stack. A reader that closes the pipe
 * ends nothing.
 */
export async function runScript(name: string, work: () => Promise<string | undefined>): Promise<void> {
  const start = performance.now()
  ignoreBrokenPipe()
  isRunning = true
  try {
    const check = watchStage()
    if (check) checkAtEnd(check)
    await checkInputs(name)
    const summary = await work()
    await runChecks()
    if (summary !== undefined) console.log(`${name}: ${summary} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  } catch (error) {
    const failure = fullDiskError(error, process.cwd(), FULL_DISK_REMEDY) ?? fileFailure(error) ?? error
    if (!(failure instanceof PaddockError)) throw failure
    console.error(`${name}: ${failure.name}: ${messageOf(failure)}`)
    process.exitCode = failure.exitCode
  } finally {
    isRunning = false
    checks.length = 0
  }
}

let isBroken = false
let isWatched = false

/**
 * A reader that closes the pipe, as `head` does, is no error from now on: output is dropped and the work goes on to its end
 * and its exit code. Node would end the process with the stack of an unhandled EPIPE.
 */
function ignoreBrokenPipe(): void {
  if (isWatched) return
  isWatched = true
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      isBroken = true
    })
  }
}

/** Whether the reader has closed the pipe, for work that only prints. */
export function isPipeBroken(): boolean {
  return isBroken
}
