/** Runs other programs for set-up, in process groups of their own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import os from 'node:os'
import { SetupFailure } from './failure.mjs'
import { lockedFiles } from './lock.mjs'

/** How much of a failed program's output is shown: the beginning mostly names the cause. */
const FIRST_LINES = 10
const LAST_LINES = 30

const groups = new Set()
let interruptedWith = 0

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interruptedWith = 128 + os.constants.signals[signal]
    if (groups.size === 0) process.exit(interruptedWith)
    for (const pid of groups) process.kill(-pid, signal)
  })
}

/**
 * What the program writes to its standard output.
 *
 * @throws SetupFailure with its output, a long one shortened, when it cannot be started or does not exit with 0.
 */
export async function run(program, args, { cwd, env = {} } = {}) {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', ...lockedFiles],
  })
  let stdout = ''
  let output = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  if (child.pid !== undefined) groups.add(child.pid)
  try {
    const [code, signal] = await once(child, 'close')
    if (interruptedWith !== 0) process.exit(interruptedWith)
    if (code === 0) return stdout
    throw new SetupFailure(
      `Expected ${commandLine(program, args)} to succeed, received ${signal ?? `exit code ${code}`}.\n${excerpt(output)}`,
    )
  } catch (error) {
    if (error instanceof SetupFailure) throw error
    throw new SetupFailure(`Expected ${program} to start, received ${error.message}.`, '', { cause: error })
  } finally {
    groups.delete(child.pid)
  }
}

function commandLine(program, args) {
  return [program, ...args.slice(0, 3), ...(args.length > 3 ? ['…'] : [])].join(' ')
}

function excerpt(output) {
  const lines = output.trimEnd().split('\n')
  if (lines.length <= FIRST_LINES + LAST_LINES) return lines.join('\n')
  return [...lines.slice(0, FIRST_LINES), '…', ...lines.slice(-LAST_LINES)].join('\n')
}
