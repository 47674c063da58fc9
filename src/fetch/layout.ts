import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCsv, parseCsvColumns, writeCsv } from '../core/csv.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { type FoundFile, listFiles } from '../core/files.ts'
import type { ManifestRow, ManifestSet } from '../dataset/manifest.ts'

/** The file that names the origins of images, in `data/train/` and `data/test/`. */
export const ORIGINS_FILE = 'manifest.csv'

export const UNKNOWN_SOURCE = 'unknown'

const IGNORED = new Set([ORIGINS_FILE, 'Thumbs.db', 'desktop.ini'])

/** A file that may be an image; its id is its path below the folder. */
export interface FoundImage extends Pick<FoundFile, 'entry'> {
  readonly id: string
}

/** Every file below a folder, in no order, without those that are not images by name: hidden, `manifest.csv`, DVC's, a file manager's. */
export async function listDataFiles(folder: string): Promise<FoundImage[]> {
  const files = (await listFiles(folder)).map(({ path, entry }) => ({ id: path, entry }))
  return files.filter(({ id }) => !id.split('/').some(isIgnored))
}

export function isIgnored(name: string): boolean {
  return name.startsWith('.') || name.endsWith('.dvc') || IGNORED.has(name)
}

/** Set and label of an image. */
export type Place = Pick<ManifestRow, 'set' | 'label'>

const LAYOUT: Readonly<Record<ManifestSet, string>> = {
  train: 'train/<label>/<file>',
  test: 'test/<label>/<file> or test/<label>_<file>',
}

/** The classes of some paths below `data/`: the folders in `train/`. */
export function classesIn(ids: readonly string[]): string[] {
  const folders = ids.map((id) => id.split('/')).filter(([set, , file]) => set === 'train' && file !== undefined)
  return [...new Set(folders.map(([, label = '']) => label))]
}

/**
 * Set and label by a path below `data/`: `train/<label>/…`, `test/<label>/…`, or `test/<label>_<anything>`.
 *
 * @param classes the labels that a file name may begin with; the longest one wins
 * @returns a string, the reason, where the path has no place in the layout
 */
export function placeOf(id: string, classes: readonly string[]): Place | string {
  if (/[\p{Cc}\p{Cs}\uFFFD]/u.test(id)) return 'a name with control characters, or not in UTF-8'
  const [set, ...below] = id.split('/')
  if (set !== 'train' && set !== 'test') return 'neither below train/ nor below test/'
  const label = below.length > 1 ? below[0] : set === 'test' ? labelInName(below[0], classes) : undefined
  if (label) return { set, label }
  const known = set === 'test' ? ', with a label that train/ has' : ''
  return `no label: expected ${LAYOUT[set]}${known}`
}

/** The longest class that a file name begins with, before a `_`. */
export function labelInName(name = '', classes: readonly string[]): string | undefined {
  const labels = classes.filter((label) => name.startsWith(`${label}_`))
  return labels.reduce<string | undefined>((best = '', label) => (label.length > best.length ? label : best), undefined)
}

/** An image in a folder with the layout of `data/`. */
export interface DataImage extends Place {
  /** Path below the folder. */
  readonly id: string
}

/** The images in a folder with the layout of `data/`, by path below it. */
export async function listDataImages(folder: string): Promise<DataImage[]> {
  const files = (await listDataFiles(folder)).filter(({ entry }) => entry.isFile())
  const classes = classesIn(files.map(({ id }) => id))
  return files.flatMap(({ id }) => {
    const place = placeOf(id, classes)
    return typeof place === 'string' ? [] : [{ id, ...place }]
  })
}

const PATH = 'path'
const SOURCE_COLUMNS = ['source', 'source_repo'] as const

/**
 * Sources by id, from `train/manifest.csv` and `test/manifest.csv` where they exist: columns `path`, relative to the file, and
 * `source` or `source_repo`.
 *
 * @throws DataError when such a file has other columns
 */
export async function readOrigins(folder: string): Promise<Map<string, string>> {
  const sets = await Promise.all(
    ['train', 'test'].map(async (set) =>
      (await readOriginsIn(join(folder, set))).map(([path, source]) => [`${set}/${path}`, source] as const),
    ),
  )
  return new Map(sets.flat())
}

/** Sources by path below a folder, from the `manifest.csv` in it. @throws DataError when it has other columns */
export async function readOriginsIn(folder: string): Promise<(readonly [path: string, source: string])[]> {
  const path = join(folder, ORIGINS_FILE)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new DataError(`Expected to read ${path}, received: ${messageOf(error)}. Repair or remove it.`)
  })
  if (text === undefined) return []
  const columns = parseCsvColumns(text, path)
  const column = SOURCE_COLUMNS.find((name) => columns.includes(name))
  if (!column) {
    throw new DataError(
      `Expected the columns ${PATH} and ${SOURCE_COLUMNS.join(' or ')} in ${path}, received ${columns.join(',') || 'an empty file'}. Repair or remove it.`,
    )
  }
  return parseCsv(text, [PATH, column], path).map((row) => {
    return [row[PATH].replace(/^\.\//, ''), row[column] || UNKNOWN_SOURCE] as const
  })
}

/** Writes the known origins of a set to its `manifest.csv`; other columns are not kept. */
export async function writeOrigins(
  folder: string,
  set: ManifestSet,
  origins: ReadonlyMap<string, string>,
): Promise<void> {
  const rows = [...origins]
    .filter(([id, source]) => id.startsWith(`${set}/`) && source !== UNKNOWN_SOURCE)
    .map(([id, source]) => ({ path: id.slice(set.length + 1), source }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
  const path = join(folder, set, ORIGINS_FILE)
  if (rows.length > 0) await writeCsv(path, ['path', 'source'], rows)
  else await rm(path, { force: true })
}
