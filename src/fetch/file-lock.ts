import { readFile, rm, writeFile } from 'node:fs/promises'
import { DataError } from '../core/errors.ts'
import { isAlive } from '../core/files.ts'

/**
 * Does some work while no other process of this machine holds the same lock. Stale locks of killed processes are taken over.
 *
 * @param path of the lock file, which holds the process id of its owner
 * @throws DataError when another process holds it
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await acquire(path)
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function acquire(path: string): Promise<void> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const owner = Number(await readFile(path, 'utf8').catch(() => ''))
    if (isAlive(owner)) {
      throw new DataError(
        `Expected to hold ${path}, received process ${owner}, which does the same work. Wait for it or stop it, then run this again.`,
      )
    }
    await rm(path, { force: true })
    await acquire(path)
  }
}
