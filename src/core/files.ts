import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, type Dirent, readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { DataError, messageOf } from './errors.ts'

/** The ending of temporary names. */
export const TEMPORARY_SUFFIX = '.tmp'

/** A unique name beside `path`, to write to before renaming. */
export function temporaryName(path: string): string {
  return `${path}.${process.pid}.${randomBytes(4).toString('hex')}${TEMPORARY_SUFFIX}`
}

/** Whether a temporary name is of a process of this machine that has ended. */
export function isAbandoned(name: string): boolean {
  const [, pid] = /\.(\d+)\.[0-9a-f]{8}\.tmp$/.exec(name) ?? []
  return pid !== undefined && !isAlive(Number(pid))
}

/** Whether a process with this id runs on this machine. */
export function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Writes a file, which may come in pieces, whole or not at all, and makes its folders. */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array | Iterable<Uint8Array>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = temporaryName(path)
  try {
    await writeFile(temporary, content, { flush: true })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Fills a new folder and replaces `path` by it, whole or not at all. Gives what `fill` gives. */
export async function writeFolderAtomically<T>(path: string, fill: (folder: string) => Promise<T>): Promise<T> {
  const temporary = temporaryName(path)
  try {
    await mkdir(temporary, { recursive: true })
    const result = await fill(temporary)
    await rm(path, { recursive: true, force: true })
    await rename(temporary, path)
    return result
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw error
  }
}

/** Does some work on a file. If it fails, the file gets its old bytes back, or is removed where there was none. */
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

/** Whether a file or folder of that name exists. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** The text of a file; undefined when it does not exist. */
export function readText(path: string): string | undefined {
  return unlessMissing(() => readFileSync(path, 'utf8'))
}

/** What `read` returns; undefined if its file does not exist. */
export function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    throw error
  }
}

/** Whether a path is that of a folder, or lies in it. */
export function contains(folder: string, path: string): boolean {
  return folder === path || path.startsWith(`${folder}/`)
}

/** Whether two paths are the same, or one lies in the other. */
export function overlap(a: string, b: string): boolean {
  return contains(a, b) || contains(b, a)
}

/** A file, a link or a special file in a folder. */
export interface FoundFile {
  /** Below the folder, with `/`. */
  readonly path: string
  readonly entry: Dirent
}

/** All files below a folder, in no order. Links are not followed. */
export async function listFiles(folder: string): Promise<FoundFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => !entry.isDirectory())
  return files.map((entry) => ({ path: relative(folder, join(entry.parentPath, entry.name)), entry }))
}

/** SHA-256 of some bytes, as 64 hexadecimal digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** SHA-256 of a file, read as a stream. */
export async function readSha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

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

/** The content of a JSON text. `name` is the file's name in messages. @throws DataError */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new DataError(`Expected ${name} to be JSON, received: ${messageOf(error)}`, { cause: error })
  }
}

/**
 * Reads a JSON file and checks it against a schema.
 *
 * @param what noun phrase for the message: `Expected <what> in <path>, received: … <remedy>`
 * @throws DataError when the file cannot be read or holds something else.
 */
export async function readJson<T>(
  path: string,
  schema: z.ZodType<T>,
  { what, remedy }: { readonly what: string; readonly remedy: string },
): Promise<T> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
    throw new DataError(`Expected ${what} in ${path}, received: ${problem}. ${remedy}`, { cause: error })
  }
}
