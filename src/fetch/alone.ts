import { open, readFile, rm } from 'node:fs/promises'
import { DataError } from '../core/errors.ts'

/**
 * Does some work while no other process of this machine does work under the same name; one that was killed is no hindrance.
 *
 * @param path a file that stands there meanwhile
 * @throws DataError when another process is at it
 */
export async function whileAlone<T>(path: string, work: () => Promise<T>): Promise<T> {
  await take(path)
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function take(path: string): Promise<void> {
  for (;;) {
    const file = await open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    if (file) {
      await file.writeFile(String(process.pid))
      await file.close()
      return
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => ''))
    if (isAlive(owner)) {
      throw new DataError(
        `Expected to be alone with ${path}, received process ${owner}, which does the same. Wait for it, or end it, and run this again.`,
      )
    }
    await rm(path, { force: true })
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
