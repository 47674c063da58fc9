import { statfs } from 'node:fs/promises'
import { DataError } from './errors.ts'

/** The disk is full; what was being written is not at fault. */
export class FullDiskError extends DataError {}

const FULL = new Set(['ENOSPC', 'EDQUOT'])

/** What a full disk says to a person, naming the folder that ran full; nothing for any other failure. */
export function fullDiskError(error: unknown, folder: string, remedy: string): FullDiskError | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!FULL.has(code)) return undefined
  return new FullDiskError(`Expected room on the disk of ${folder}, received: it is full (${code}). ${remedy}`, {
    cause: error,
  })
}

/** @throws FullDiskError when the disk of a folder, which is there, has not so many bytes left. */
export async function expectRoom(folder: string, neededBytes: number, remedy: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= neededBytes) return
  throw new FullDiskError(
    `Expected ${megabytes(neededBytes)} free on the disk of ${folder}, received ${megabytes(bavail * bsize)}. ${remedy}`,
  )
}

/** `614.2 MB` */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
