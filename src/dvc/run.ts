import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { withoutSecrets } from '../core/address.ts'
import { DVC, dvcEnvironment } from '../core/dvc-environment.ts'
import { SetupError } from '../core/errors.ts'
import { requireRepository } from '../git/read.ts'
import { removeTruncatedRwlock } from './recover.ts'

/** How long the group may take after a signal before the next, harder one: SIGTERM, then SIGKILL. */
const KILL_AFTER_MS = 10_000
const POLL_MS = 100
/** A terminal sends Ctrl-C to npm and to this process, and npm hands it on: the same signal so soon again is the same one. */
const SAME_SIGNAL_MS = 100

export interface DvcOptions {
  /** Lines to leave out of standard output; the others are also returned. */
  readonly omit?: RegExp
  /** Lines to leave out of standard error, which then is no terminal for DVC. */
  readonly omitErrors?: RegExp | undefined
  /** Takes each line of both streams, which go nowhere else then; DVC has no standard input. */
  readonly onLine?: (line: string) => void
  readonly environment?: NodeJS.ProcessEnv
  /** Where it runs; the checkout if not given. */
  readonly folder?: string
}

export interface DvcResult {
  /** What a shell would report: DVC's own code, or 128 + n after signal n. */
  readonly exitCode: number
  /** The signal that ended it, if one did. */
  readonly signal: NodeJS.Signals | undefined
  /** Standard output if `omit` is given, otherwise empty. */
  readonly output: string
  /** What was left out of standard error. */
  readonly omittedErrors: readonly string[]
}

/**
 * Runs this checkout's DVC in a process group of its own, and hands on SIGINT, SIGTERM and SIGHUP to the whole group.
 *
 * DVC ignores SIGINT, and a SIGTERM to DVC alone leaves the stage running beside the next run. After a second signal, or
 * ten seconds, the group gets SIGTERM, then SIGKILL. Returns when a group that was signalled has no process left.
 *
 * First removes a truncated rwlock of a killed DVC, with which no DVC would start.
 *
 * @throws SetupError where set-up did not install DVC; ConfigError outside a git repository
 */
export async function runDvc(
  args: readonly string[],
  { omit, omitErrors, onLine, environment = process.env, folder = '.' }: DvcOptions = {},
): Promise<DvcResult> {
  if (!existsSync(DVC)) {
    throw new SetupError(`Expected DVC at ${resolve(DVC)}, received nothing. Run \`npm run setup\`.`)
  }
  await requireRepository(folder)
  const removed = await removeTruncatedRwlock(folder)
  if (removed !== undefined) console.error(`dvc: ${removed}`)
  const omittedErrors: string[] = []
  const dvc = execa(resolve(DVC), args, {
    cwd: folder,
    env: dvcEnvironment(environment),
    detached: true,
    cleanup: false,
    reject: false,
    ...(onLine
      ? linesTo(onLine)
      : {
          stdin: 'inherit',
          stdout: omit ? [without(omit), 'inherit', 'pipe'] : 'inherit',
          stderr: omitErrors ? [without(omitErrors, omittedErrors), 'inherit'] : 'inherit',
        }),
  })
  const group = dvc.pid
  if (group === undefined) {
    throw new SetupError(`Expected ${DVC} to start. Remove .venv and run \`npm run setup\`.`)
  }
  const signals = forwardSignals(group)
  dvc.once('exit', (_code, signal) => signal !== null && signals.stopOnce(signal)) // ended alone, it leaves its stage
  const { exitCode, stdout } = await dvc
  const received = await signals.settle()
  return {
    exitCode: received === undefined ? (exitCode ?? 1) : 128 + constants.signals[received],
    signal: received,
    output: typeof stdout === 'string' ? stdout : '',
    omittedErrors,
  }
}

/** Passes on the lines that do not match, and collects the others. */
function without(pattern: RegExp, omitted: string[] = []) {
  return function* (line: unknown): Generator<string> {
    const text = String(line)
    if (pattern.test(text)) omitted.push(text)
    else yield withoutSecrets(text)
  }
}

function linesTo(onLine: (line: string) => void) {
  const stream = function* (line: unknown): Generator<string> {
    onLine(withoutSecrets(String(line)))
    yield* [] // nothing goes through
  }
  return { stdin: 'ignore', stdout: stream, stderr: stream } as const
}

interface Forwarding {
  /** Sends the signal, unless one was sent already. */
  stopOnce(signal: NodeJS.Signals): void
  /** Waits for the end of a group that was signalled. @returns the first signal, if there was one. */
  settle(): Promise<NodeJS.Signals | undefined>
}

function forwardSignals(group: number): Forwarding {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const harder: NodeJS.Signals[] = ['SIGTERM', 'SIGKILL']
  let first: NodeJS.Signals | undefined
  let escalation: NodeJS.Timeout | undefined

  const stop = (signal: NodeJS.Signals) => {
    const next = first === undefined ? signal : (harder.shift() ?? 'SIGKILL')
    first ??= signal
    send(group, next)
    clearTimeout(escalation)
    escalation = setTimeout(() => stop(next), KILL_AFTER_MS)
  }
  let last = { signal: '', at: Number.NEGATIVE_INFINITY }
  const receive = (signal: NodeJS.Signals) => {
    const now = { signal, at: performance.now() }
    if (signal !== last.signal || now.at - last.at > SAME_SIGNAL_MS) stop(signal)
    last = now
  }
  for (const signal of signals) process.on(signal, receive)

  return {
    stopOnce: (signal) => first === undefined && stop(signal),
    async settle() {
      while (first !== undefined && send(group, 0)) await sleep(POLL_MS)
      clearTimeout(escalation)
      for (const signal of signals) process.off(signal, receive)
      return first
    },
  }
}

/** Whether the group was there to be signalled; 0 only asks. */
function send(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal)
  } catch {
    return false
  }
}
