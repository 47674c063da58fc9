import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DataError } from './errors.ts'

/**
 * Does some work while no other process does work with the same lock. The file is there meanwhile, with the process that works.
 *
 * The lock is flock(2)'s, which the kernel gives to one process and frees when that ends: the file alone, left by a killed
 * process, holds nobody up.
 *
 * @throws DataError when another process holds it
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    await using file = await open(path, 'a')
    if (!(await isLocked(file.fd, 0))) throw await busy(path)
    const there = await stat(path).catch(() => undefined)
    if (there?.ino !== (await file.stat()).ino) continue // its last holder has just removed it
    await file.truncate()
    await file.write(String(process.pid))
    try {
      return await work()
    } finally {
      await rm(path, { force: true })
    }
  }
}

async function busy(path: string): Promise<DataError> {
  const owner = await readFile(path, 'utf8').catch(() => '')
  return new DataError(
    `Expected to hold ${path}, received process ${owner || 'unknown'}, which does the same work. Wait for it or stop it, then run this again.`,
  )
}

/**
 * Does some work while this process holds another program's lock by flock(2), whose file stays.
 *
 * @returns undefined where another process keeps it for longer than `patienceS` seconds
 */
export async function holding<T>(path: string, patienceS: number, work: () => Promise<T>): Promise<T | undefined> {
  await mkdir(dirname(path), { recursive: true })
  await using file = await open(path, 'a')
  return (await isLocked(file.fd, patienceS)) ? await work() : undefined
}

/** Whether flock(1) took the lock, which stays with the open file that the program shares with this process. */
async function isLocked(descriptor: number, patienceS: number): Promise<boolean> {
  const flock = spawn('flock', ['--timeout', String(patienceS), '0'], { stdio: [descriptor, 'ignore', 'ignore'] })
  const [exitCode] = await once(flock, 'close')
  return exitCode === 0
}
