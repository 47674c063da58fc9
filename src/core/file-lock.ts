import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DataError } from './errors.ts'

/**
 * Runs `work` while holding an exclusive lock on a file. The file names this process, and is removed afterwards.
 *
 * The lock is flock(2)'s, which the kernel releases when the process ends: a file left by a killed process blocks no one.
 *
 * @throws DataError when another process holds the lock
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    await using file = await open(path, 'a')
    if (!(await tryLock(file.fd, 0))) throw await busy(path)
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
    `Expected ${path} to be free, received the lock of process ${owner || 'unknown'}. Wait for it or stop it, then run this again.`,
  )
}

/**
 * Runs `work` while holding another program's flock(2) lock, whose file stays.
 *
 * @returns undefined if another process holds it for longer than `timeoutS` seconds
 */
export async function withFlock<T>(path: string, timeoutS: number, work: () => Promise<T>): Promise<T | undefined> {
  await mkdir(dirname(path), { recursive: true })
  await using file = await open(path, 'a')
  return (await tryLock(file.fd, timeoutS)) ? await work() : undefined
}

/** Takes the lock with flock(1), which shares the open file with this process, so the lock stays. @returns whether it was free */
async function tryLock(descriptor: number, timeoutS: number): Promise<boolean> {
  const flock = spawn('flock', ['--timeout', String(timeoutS), '0'], { stdio: [descriptor, 'ignore', 'ignore'] })
  const [exitCode] = await once(flock, 'close')
  return exitCode === 0
}
