import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { PaddockError } from '../core/errors.ts'

/** Work was interrupted by a signal and has saved its progress; the program ends with 128 + the signal's number. */
export class InterruptedError extends PaddockError {
  override name = 'Interrupted'
  override readonly exitCode: number

  constructor(message: string, signal: NodeJS.Signals) {
    super(message)
    this.exitCode = 128 + constants.signals[signal]
  }
}

/** Says whether the work should stop. */
export interface Interruption {
  /** The signal received, or SIGTERM when the program that started this one is gone. */
  requested(): NodeJS.Signals | undefined
}

/** Listens for SIGINT and SIGTERM until the program ends, and watches its parents: DVC may be killed without a signal to its stage. */
export function openInterruption(): Interruption {
  let received: NodeJS.Signals | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      received ??= signal
    })
  }
  const parents = parentsUpToDvc()
  return { requested: () => received ?? (isOrphan(parents) ? 'SIGTERM' : undefined) }
}

/**
 * The processes from this one's parent up to DVC, which starts a stage through a shell that may stay in between.
 *
 * None when DVC did not start this one: then a parent may end, as a closed terminal does, and the work continues.
 */
function parentsUpToDvc(): number[] {
  if (process.env.DVC_STAGE === undefined) return []
  const { ppid } = process
  const above = SHELLS.test(statOf(ppid)?.name ?? '') ? statOf(ppid)?.parent : undefined
  return above === undefined ? [ppid] : [ppid, above]
}

const SHELLS = /^(ba|da|z|fi|k|a)?sh$/

function isOrphan(processes: readonly number[]): boolean {
  const [parent, above] = processes
  if (parent === undefined) return false
  return process.ppid !== parent || (above !== undefined && statOf(parent)?.parent !== above)
}

/** Name and parent of a process, from /proc/<pid>/stat (`pid (name) state parent …`); undefined without /proc. */
function statOf(pid: number): { name: string; parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const end = stat.lastIndexOf(')')
    return { name: stat.slice(stat.indexOf('(') + 1, end), parent: Number(stat.slice(end + 2).split(' ')[1]) }
  } catch {
    return undefined
  }
}
