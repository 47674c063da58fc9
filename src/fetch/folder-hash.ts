import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import pMap from 'p-map'
import { folderHash, type ListedFile, md5 } from '../core/dvc-objects.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { type FoundFile, listFiles } from '../core/files.ts'
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
  return pinOf(await hashFiles(path))
}

/** A file of a folder, and its size in bytes. */
export interface HashedFile extends ListedFile {
  readonly size: number
}

/** The files that DVC adds of a folder, in its order. @throws DataError as `hashFolder` does */
export async function hashFiles(path: string): Promise<HashedFile[]> {
  const added = (await listAdded(path)).map((file) => ({ ...file, bytes: Buffer.from(file.path) }))
  added.sort((a, b) => Buffer.compare(a.bytes, b.bytes))
  return pMap(added, (file) => hashFile(path, file), { concurrency: FILES_AT_ONCE })
}

/** The pin of a folder with these files, in DVC's order. */
export function pinOf(files: readonly HashedFile[]): Pin {
  return { md5: folderHash(files), size: files.reduce((sum, { size }) => sum + size, 0), nfiles: files.length }
}

/** The files that DVC adds. */
async function listAdded(folder: string): Promise<FoundFile[]> {
  const files = (await listFiles(folder)).filter(({ path, entry }) => {
    const folders = path.split('/').slice(0, -1)
    return !IGNORED_FILES.has(entry.name) && !folders.some((name) => IGNORED_FOLDERS.has(name))
  })
  const isAdded = await Promise.all(
    files.map(async ({ path, entry }) => !(entry.isSymbolicLink() && (await isFolder(join(folder, path))))),
  )
  return files.filter((_, place) => isAdded[place])
}

async function isFolder(link: string): Promise<boolean> {
  return stat(link).then(
    (target) => target.isDirectory(),
    () => false,
  )
}

async function hashFile(root: string, { path: relpath, entry }: FoundFile): Promise<HashedFile> {
  const path = join(root, relpath)
  try {
    if (!entry.isFile() && !(await stat(path)).isFile()) throw new Error('neither a file nor a folder')
    const content = await readFile(path) // whole: a stream costs more than hashing a photograph
    return { relpath, md5: md5(content), size: content.length }
  } catch (error) {
    throw new DataError(
      `Expected to read ${JSON.stringify(path)}, received: ${messageOf(error)}. Repair or remove it.`,
      { cause: error },
    )
  }
}
