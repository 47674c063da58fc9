import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import pMap from 'p-map'
import { DataError, messageOf } from '../core/errors.ts'
import type { Pin } from '../dataset/pin.ts'

const FILES_AT_ONCE = 8

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
  const relpaths = (await listFiles(path)).sort(byCodePoint)
  const files = await pMap(relpaths, (relpath) => hashFile(path, relpath), { concurrency: FILES_AT_ONCE })
  return { md5: folderHash(files), size: files.reduce((sum, { size }) => sum + size, 0), nfiles: files.length }
}

/** The hash of a folder from those of its files, which are sorted by `byCodePoint`. */
export function folderHash(files: readonly { readonly relpath: string; readonly md5: string }[]): string {
  const list = files.map(({ relpath, md5 }) => `{"md5": "${md5}", "relpath": ${pythonString(relpath)}}`)
  return `${md5(`[${list.join(', ')}]`)}.dir`
}

/** The files that DVC adds, by path below the folder. */
async function listFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const found = entries.map(async (entry) => {
    const folders = relative(root, entry.parentPath).split('/')
    if (entry.isDirectory() || IGNORED_FILES.has(entry.name) || folders.some((name) => IGNORED_FOLDERS.has(name)))
      return []
    const path = join(entry.parentPath, entry.name)
    return entry.isSymbolicLink() && (await isFolder(path)) ? [] : [relative(root, path)]
  })
  return (await Promise.all(found)).flat()
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
    if (!(await stat(path)).isFile()) throw new Error('neither a file nor a folder')
    const content = await readFile(path) // whole: a stream costs more than hashing a photograph
    return { relpath, md5: md5(content), size: content.length }
  } catch (error) {
    throw new DataError(
      `Expected to read ${JSON.stringify(path)}, received: ${messageOf(error)}. Repair or remove it.`,
      { cause: error },
    )
  }
}

/** MD5 of some content, as 32 hexadecimal digits. */
export function md5(content: string | Uint8Array): string {
  return createHash('md5').update(content).digest('hex')
}

/** Python's order of strings: by code point, as of the bytes of UTF-8. JavaScript's `<` compares UTF-16 units. */
export function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** A string as Python's `json.dumps` writes it: everything but printable ASCII escaped. */
function pythonString(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
