import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { messageOf } from '../core/errors.ts'
import { byCodePoint, folderHash } from '../fetch/folder-hash.ts'
import { BrokenError, refuseConflicts } from './broken.ts'
import type { Workspace } from './staleness.ts'

/**
 * What is checked out at `root`; every file is read once.
 *
 * Read at once and in order: for some hundred small files, waiting costs more than reading.
 *
 * @param cache the folder of DVC's cache
 */
export function openWorkspace(root: string, cache: string): Workspace {
  const hashes = new Map<string, string | undefined>()
  const values = new Map<string, unknown>()
  return {
    hashOf: (path) => remember(hashes, path, () => hashAt(join(root, path))),
    valuesIn: (file) => remember(values, file, () => readValues(root, file)),
    filesOf: (md5) => readList(cache, md5),
  }
}

/** The content of a YAML or JSON file; undefined when it is not there. @throws BrokenError when it is something else */
export function readValues(root: string, file: string): unknown {
  const text = readText(join(root, file))
  if (text === undefined) return undefined
  refuseConflicts(text, file)
  try {
    return (file.endsWith('.json') ? JSON.parse(text) : parse(text)) ?? {}
  } catch (error) {
    const [problem] = messageOf(error).split('\n')
    throw new BrokenError(`Expected ${file} to be ${file.endsWith('.json') ? 'JSON' : 'YAML'}, received: ${problem}`)
  }
}

/** The text of a file; undefined when it is not there. */
export function readText(path: string): string | undefined {
  return ifThere(() => readFileSync(path, 'utf8'))
}

function hashAt(path: string): string | undefined {
  return ifThere(() => {
    if (!statSync(path).isDirectory()) return md5Of(path)
    const files = readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => ({ relpath: file.slice(path.length + 1), md5: md5Of(file) }))
    return folderHash(files.sort((a, b) => byCodePoint(a.relpath, b.relpath)))
  })
}

function md5Of(path: string): string {
  return createHash('md5').update(readFileSync(path)).digest('hex')
}

/** The list of a folder's files that DVC keeps in its cache; none for a file, whatever it holds. */
function readList(cache: string, md5: string): ReadonlyMap<string, string> | undefined {
  if (!md5.endsWith('.dir')) return undefined
  const text = readText(join(cache, 'files/md5', md5.slice(0, 2), md5.slice(2)))
  if (text === undefined) return undefined
  const list = JSON.parse(text) as { readonly relpath: string; readonly md5: string }[]
  return new Map(list.map((file) => [file.relpath, file.md5]))
}

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    throw error
  }
}

function remember<T>(known: Map<string, T>, key: string, read: () => T): T {
  if (!known.has(key)) known.set(key, read())
  return known.get(key) as T
}
