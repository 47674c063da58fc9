import { readFile, rm } from 'node:fs/promises'
import { exists, writeFileAtomically } from './files.ts'

/** Does some work on a file; when that fails, the file is byte for byte what it was, or gone where there was none. */
export async function restoringFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  const old = (await exists(path)) ? await readFile(path) : undefined
  try {
    return await work()
  } catch (error) {
    if (old === undefined) await rm(path, { force: true })
    else await writeFileAtomically(path, old)
    throw error
  }
}
