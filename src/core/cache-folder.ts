import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Keeps a folder of files below a limit: those used longest ago go first, what an interrupted run left among them. */
export async function removeOldest(folder: string, limitBytes: number): Promise<void> {
  const files = await Promise.all((await readdir(folder)).map((name) => describeFile(join(folder, name))))
  let total = 0
  for (const { path, size } of files.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
    total += size
    if (total > limitBytes) await rm(path, { force: true })
  }
}

/** A file that another run has just removed counts for nothing. */
async function describeFile(path: string): Promise<{ path: string; size: number; mtimeMs: number }> {
  const { size, mtimeMs } = await stat(path).catch(() => ({ size: 0, mtimeMs: 0 }))
  return { path, size, mtimeMs }
}
