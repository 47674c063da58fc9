/**
 * A lock between processes, by flock(1) on an open file.
 *
 * The kernel frees it when the last process that has the file open ends. Child processes inherit it: npm or pip that a killed
 * set-up left running still hold the lock, and the next set-up waits for them. The file stays, and names the
 * process that had the lock last; only the lock on it counts.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { SetupFailure } from './failure.mjs'
import { say } from './say.mjs'

/** The open files that are locked, for child processes to inherit. */
export const lockedFiles = new Set()

/** Waits for the lock on a file, then does `work` while holding it. */
export async function withLock(file, work) {
  mkdirSync(path.dirname(file), { recursive: true })
  const descriptor = openSync(file, 'a')
  try {
    if (!(await isLocked(descriptor, '--nonblock'))) {
      say(`waiting for another set-up, ${readFileSync(file, 'utf8') || 'which has just begun'} …`)
      await isLocked(descriptor, '--exclusive')
    }
    ftruncateSync(descriptor)
    writeSync(descriptor, `process ${process.pid} in ${fileURLToPath(new URL('../..', import.meta.url))}`)
    lockedFiles.add(descriptor)
    return await work()
  } finally {
    lockedFiles.delete(descriptor)
    closeSync(descriptor)
  }
}

/** Whether flock took the lock, on the file that it has as its descriptor 3. */
async function isLocked(descriptor, option) {
  const env = { ...process.env, PATH: [process.env.PATH, '/usr/bin', '/bin'].join(path.delimiter) }
  const flock = spawn('flock', [option, '3'], { env, stdio: ['ignore', 'ignore', 'ignore', descriptor] })
  try {
    const [code] = await once(flock, 'close')
    return code === 0
  } catch (error) {
    throw new SetupFailure(`Expected flock to start, received ${error.message}.`, 'Install util-linux.', {
      cause: error,
    })
  }
}
