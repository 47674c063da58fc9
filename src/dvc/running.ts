import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DataError } from '../core/errors.ts'

/** DVC itself waits as long for a short command to end. */
const TIMEOUT_MS = 3000
const POLL_MS = 100

/**
 * Refuses to continue while DVC runs in the same checkout: its stages would be made from a mix of two states of it.
 *
 * @param what the command that was to start
 * @param harmless commands of DVC that may run beside it
 * @throws DataError that names the process
 */
export async function requireNoDvc(what: string, harmless?: RegExp): Promise<void> {
  const end = performance.now() + TIMEOUT_MS
  for (;;) {
    const running = await findDvc(harmless)
    if (running === undefined) return
    if (performance.now() > end) {
      throw new DataError(
        `Expected no other DVC to run in this checkout during ${what}, received process ${running.pid}: ${running.command}. Wait for it to end, or end it with \`kill ${running.pid}\`.`,
      )
    }
    await sleep(POLL_MS)
  }
}

/** One line if DVC runs in this checkout: what it makes may be missing or old until then. */
export async function describeRun(): Promise<string | undefined> {
  const running = await findDvc()
  return (
    running &&
    `a run is going on in this checkout (process ${running.pid}: ${running.command}); until it ends, models and results may be missing or old`
  )
}

/** DVC's two lock files name processes: `lock` the last that started, `rwlock` those that run a stage. Both files stay when DVC is killed. */
async function findDvc(harmless?: RegExp) {
  const [last, stages] = await Promise.all(
    ['lock', 'rwlock'].map((name) => readFile(join('.dvc/tmp', name), 'utf8').catch(() => '')),
  )
  const pids = [last, ...[...(stages ?? '').matchAll(/"pid": (\d+)/g)].map(([, pid]) => pid)].map(Number)
  for (const pid of new Set(pids)) {
    const command = commandOf(pid)
    if (command !== undefined && !harmless?.test(command)) return { pid, command }
  }
  return undefined
}

/** The command line of a DVC process, `dvc repro evaluate`; undefined for another process, and for one that has ended. */
function commandOf(pid: number): string | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    const start = words.findIndex((word) => /(^|\/)dvc$/.test(word))
    return start === -1 ? undefined : ['dvc', ...words.slice(start + 1)].join(' ').trim()
  } catch {
    return undefined
  }
}
