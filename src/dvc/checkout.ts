import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ignore, { type Ignore } from 'ignore'
import { parse } from 'yaml'
import { byCodePoint, dvcCache, folderHash, type ListedFile, md5, objectPath } from '../core/dvc-objects.ts'
import { messageOf } from '../core/errors.ts'
import { readText, unlessMissing } from '../core/files.ts'
import type { FileTree } from '../git/read.ts'
import { BrokenError, refuseConflicts } from './broken.ts'

/** The files of a checkout or a commit, and of the DVC cache, as DVC sees them. */
export interface Checkout {
  /** DVC's hash of a file or folder; undefined when it does not exist. What .dvcignore names is left out of a folder. */
  hashOf(path: string): string | undefined
  /** Content of a YAML or JSON file; undefined when it does not exist. @throws BrokenError when it cannot be parsed */
  valuesIn(file: string): unknown
  /** The text of a file; undefined when it does not exist. */
  textOf(file: string): string | undefined
  /** The files below a folder, relative to it and sorted; undefined when there is none. */
  filesIn(folder: string): string[] | undefined
  /** Hashes by path of the files of a cached folder; undefined when the cache has no list of it. */
  cachedFiles(md5: string): ReadonlyMap<string, string> | undefined
  /** Whether the cache holds an object; of a folder, the list of its files. */
  isCached(md5: string): boolean
}

/**
 * Opens the checkout at `root`; each file is read once.
 *
 * Reads synchronously: for a few hundred small files, waiting costs more than reading.
 */
export function openCheckout(root: string): Checkout {
  return checkoutOf(filesAt(root), dvcCache(root))
}

/** The files of a tree, and of a DVC cache. */
export function checkoutOf(files: FileTree, cache: string): Checkout {
  const textOf = (file: string) => files.read(file)?.toString('utf8')
  const ignored = ignore().add(textOf('.dvcignore') ?? '')
  const hashes = new Map<string, string | undefined>()
  const values = new Map<string, unknown>()
  return {
    hashOf: (path) => once(hashes, path, () => hashAt(files, path, ignored)),
    valuesIn: (file) => once(values, file, () => parseValues(textOf(file), file)),
    textOf,
    filesIn: (folder) => files.list(folder)?.sort(byCodePoint),
    cachedFiles: (md5) => readList(cache, md5),
    isCached: (md5) => existsSync(objectPath(cache, md5)),
  }
}

function filesAt(root: string): FileTree {
  return {
    read: (path) => unlessMissing(() => readFileSync(join(root, path))),
    list: (folder) =>
      unlessMissing(() =>
        readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
          .filter((entry) => !entry.isDirectory())
          .map((entry) => relative(join(root, folder), join(entry.parentPath, entry.name))),
      ),
  }
}

function parseValues(text: string | undefined, file: string): unknown {
  if (text === undefined) return undefined
  refuseConflicts(text, file)
  const format = file.endsWith('.json') ? 'JSON' : 'YAML'
  try {
    return (format === 'JSON' ? JSON.parse(text) : parse(text)) ?? {}
  } catch (error) {
    throw new BrokenError(
      `Expected ${file} to be ${format}, received: ${messageOf(error).split('\n')[0]} Correct it, or restore it from git.`,
    )
  }
}

function hashAt(files: FileTree, path: string, ignored: Ignore): string | undefined {
  const below = files.list(path)
  if (!below) return hashOfFile(files, path)
  const kept = below.filter((relpath) => !ignored.ignores(`${path}/${relpath}`)).sort(byCodePoint)
  return folderHash(kept.map((relpath) => ({ relpath, md5: hashOfFile(files, `${path}/${relpath}`) ?? '' })))
}

function hashOfFile(files: FileTree, path: string): string | undefined {
  const bytes = files.read(path)
  return bytes && md5(bytes)
}

function readList(cache: string, md5: string): ReadonlyMap<string, string> | undefined {
  if (!md5.endsWith('.dir')) return undefined
  const text = readText(objectPath(cache, md5))
  if (text === undefined) return undefined
  const list = JSON.parse(text) as ListedFile[]
  return new Map(list.map((file) => [file.relpath, file.md5]))
}

function once<T>(known: Map<string, T>, key: string, read: () => T): T {
  if (!known.has(key)) known.set(key, read())
  return known.get(key) as T
}
