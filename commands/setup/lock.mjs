/**
 * A lock between processes: a folder with a file for each process that works under it.
 *
 * One rename creates it together with its owner's file. Child processes get a file too: npm or pip that a killed set-up left
 * running still hold the lock, and the next set-up waits for them.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { say } from './say.mjs'

const POLL_MS = 100

/** After this long, a lock whose holder runs on another machine or in another container counts as abandoned. */
const FOREIGN_LOCK_MS = 60 * 60 * 1000

const held = new Set()

process.on('exit', () => {
  for (const lock of held) rmSync(lock, { recursive: true, force: true })
})

/** Waits for the lock, then does `work` while holding it. */
export async function withLock(lock, work) {
  await acquire(lock)
  try {
    return await work()
  } finally {
    held.delete(lock)
    rmSync(lock, { recursive: true, force: true })
  }
}

/** Adds a child process to every lock that this process holds. */
export function holdFor(pid) {
  const name = processName(pid)
  for (const lock of held) writeFileSync(path.join(lock, String(pid)), name)
}

async function acquire(lock) {
  mkdirSync(path.dirname(lock), { recursive: true })
  const own = `${lock}.${process.pid}`
  let waiting = false
  for (;;) {
    rmSync(own, { recursive: true, force: true })
    mkdirSync(own)
    writeFileSync(path.join(own, String(process.pid)), processName(process.pid))
    try {
      renameSync(own, lock)
      held.add(lock)
      return
    } catch (error) {
      rmSync(own, { recursive: true, force: true })
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    }
    if (isAbandoned(lock)) {
      steal(lock)
      continue
    }
    if (!waiting) say('waiting for another set-up …')
    waiting = true
    await sleep(POLL_MS)
  }
}

function isAbandoned(lock) {
  try {
    const names = readdirSync(lock).map((pid) => [Number(pid), readFileSync(path.join(lock, pid), 'utf8')])
    const here = names.every(([, name]) => name === '' || name.startsWith(`${os.hostname()} `))
    if (!here) return !(Date.now() - statSync(lock).mtimeMs <= FOREIGN_LOCK_MS)
    return names.every(([pid, name]) => name === '' || processName(pid) !== name)
  } catch (error) {
    if (error.code === 'ENOENT') return false // it was released meanwhile
    throw error
  }
}

/** Removes an abandoned lock. If another process has taken it meanwhile, it is put back. */
function steal(lock) {
  const taken = `${lock}.taken.${process.pid}`
  try {
    renameSync(lock, taken)
    if (!isAbandoned(taken) && !existsSync(lock)) renameSync(taken, lock)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  rmSync(taken, { recursive: true, force: true })
}

/** Host, pid and start time, since a pid may be reused; '' for a process that has ended. */
function processName(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? '' : `${os.hostname()} ${pid} ${fields[18]}`
  } catch {
    return ''
  }
}
