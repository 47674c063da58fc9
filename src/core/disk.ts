import { statfs } from 'node:fs/promises'
import { DataError } from './errors.ts'

/** The disk is full. */
export class FullDiskError extends DataError {}

const FULL = new Set(['ENOSPC', 'EDQUOT'])

/** The error to report for a full disk, naming the folder; undefined for any other error. */
export function fullDiskError(error: unknown, folder: string, remedy: string): FullDiskError | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!FULL.has(code)) return undefined
  return new FullDiskError(`Expected free space on the disk of ${folder}, but it is full (${code}). ${remedy}`, {
    cause: error,
  })
}

/** @throws FullDiskError when the disk of an existing folder has fewer free bytes. */
export async function expectFreeSpace(folder: string, neededBytes: number, remedy: string): Promise<void> {
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
