import { createHash } from 'node:crypto'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import pMap from 'p-map'
import { DataError, messageOf } from '../core/errors.ts'
import type { Pin } from '../dataset/pin.ts'

const FILES_AT_ONCE = 8
const CHUNK_BYTES = 2 ** 20

/** Names that DVC leaves out of every folder, whatever .dvcignore says. Source: dvc/ignore.py, DvcIgnoreFilter. */
const IGNORED_FOLDERS = new Set(['.hg', '.git', '.dvc'])
const IGNORED_FILES = new Set(['.git'])

/**
 * The pin of a folder as `dvc add` gives it: MD5 of Python's `json.dumps` of the list of files, sorted by path.
 *
 * As DVC does, links to files count as the files and links to folders not at all. .dvcignore is not read.
 *
 * @throws DataError when something in it is neither file nor folder, or cannot be read.
 */
export async function hashFolder(path: string): Promise<Pin> {
  const relpaths = (await listFiles(path, '')).sort(byCodePoint)
  const files = await pMap(relpaths, (relpath) => hashFile(path, relpath), { concurrency: FILES_AT_ONCE })
  return {
    md5: folderHash(files),
    size: files.reduce((sum, { size }) => sum + size, 0),
    nfiles: files.length,
  }
}

/** The hash of a folder from those of its files, which are sorted by `byCodePoint`. */
export function folderHash(files: readonly { readonly relpath: string; readonly md5: string }[]): string {
  const list = files.map(({ relpath, md5 }) => `{"md5": "${md5}", "relpath": ${pythonString(relpath)}}`)
  return `${createHash('md5')
    .update(`[${list.join(', ')}]`)
    .digest('hex')}.dir`
}

async function listFiles(root: string, below: string): Promise<string[]> {
  const entries = await readdir(join(root, below), { withFileTypes: true })
  const nested = entries.map(async (entry) => {
    const relpath = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory()) return IGNORED_FOLDERS.has(entry.name) ? [] : listFiles(root, relpath)
    if (IGNORED_FILES.has(entry.name)) return []
    if (entry.isSymbolicLink() && (await isFolder(join(root, relpath)))) return []
    return [relpath]
  })
  return (await Promise.all(nested)).flat()
}

async function isFolder(link: string): Promise<boolean> {
  return stat(link).then(
    (target) => target.isDirectory(),
    () => false,
  )
}

async function hashFile(root: string, relpath: string): Promise<{ relpath: string; md5: string; size: number }> {
  const path = join(root, relpath)
  try {
    const file = await stat(path)
    if (!file.isFile()) throw new Error('neither a file nor a folder')
    return { relpath, md5: await readMd5(path, file.size), size: file.size }
  } catch (error) {
    throw new DataError(
      `Expected to read ${JSON.stringify(path)}, received: ${messageOf(error)}. Repair or remove it.`,
      {
        cause: error,
      },
    )
  }
}

/** By plain reads: creating a stream costs more than hashing a photograph. */
async function readMd5(path: string, size: number): Promise<string> {
  const hash = createHash('md5')
  const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(size, CHUNK_BYTES)))
  const file = await open(path)
  try {
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(chunk.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}

/** Python's order of strings: by code point, as of the bytes of UTF-8. JavaScript's `<` compares UTF-16 units. */
export function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** A string as Python's `json.dumps` writes it: everything but printable ASCII escaped. */
function pythonString(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
