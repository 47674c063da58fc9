import { constants } from 'node:fs'
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import pMap from 'p-map'
import { writeCsv } from '../core/csv.ts'
import { ConfigError, messageOf } from '../core/errors.ts'
import { openProgress } from '../core/progress.ts'
import type { ManifestSet } from '../dataset/manifest.ts'
import { ORIGINS_FILE, placeOf, UNKNOWN_SOURCE } from '../fetch/layout.ts'

/** An image in a user's folder. */
export interface FolderImage {
  /** Path below that folder, with `/`: `cat/1.jpg`. */
  readonly path: string
  readonly label: string
}

/** The images of a user's folder, by path, and the files that are left out. */
export interface ImageFolder {
  readonly images: readonly FolderImage[]
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[]
  /** Whether a `manifest.csv` names the origins of the images. */
  readonly hasOrigins: boolean
}

const COPIES_AT_ONCE = 8
const SHOWN = 10

/**
 * The images of a folder: every file of its class folders, and in a test set also loose files named `<label>_<anything>`.
 *
 * Files are not decoded; fetch does that. Links and hidden files are left out.
 *
 * @throws ConfigError when the folder cannot be read
 */
export async function readImageFolder(folder: string, set: ManifestSet): Promise<ImageFolder> {
  const files = await listFiles(folder, '').catch((error: unknown) => {
    throw new ConfigError(`Expected a folder of images, received: ${messageOf(error)}. Name another.`)
  })
  const images: FolderImage[] = []
  const leftOut: ImageFolder['leftOut'][number][] = []
  for (const { path, reason } of files.filter(({ path }) => path !== ORIGINS_FILE)) {
    const place = placeOf(`${set}/${path}`)
    if (reason !== undefined || typeof place === 'string') leftOut.push({ path, reason: reason ?? String(place) })
    else images.push({ path, label: place.label })
  }
  return { images, leftOut, hasOrigins: files.some(({ path }) => path === ORIGINS_FILE) }
}

/** Copies the images and the file of origins. */
export async function copyImages(
  { images, hasOrigins }: ImageFolder,
  { from, to }: { from: string; to: string },
): Promise<void> {
  using progress = openProgress('images copied', images.length)
  let done = 0
  const copy = async (path: string) => {
    await mkdir(dirname(join(to, path)), { recursive: true })
    await copyFile(join(from, path), join(to, path), constants.COPYFILE_FICLONE)
  }
  if (hasOrigins) await copy(ORIGINS_FILE)
  await pMap(images, async ({ path }) => copy(path).then(() => progress.update(++done)), {
    concurrency: COPIES_AT_ONCE,
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

/** `cat 3, dog 2`, by label. */
export function describeCounts(images: readonly { readonly label: string }[]): string {
  const counts = new Map<string, number>()
  for (const { label } of images) counts.set(label, (counts.get(label) ?? 0) + 1)
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.map(([label, count]) => `${label} ${count}`).join(', ') || 'none'
}

/** One line for each of the first ten files that are left out. */
export function describeLeftOut(leftOut: ImageFolder['leftOut']): string[] {
  const more = leftOut.length - SHOWN
  return [
    ...leftOut.slice(0, SHOWN).map(({ path, reason }) => `left out ${JSON.stringify(path)}: ${reason}`),
    ...(more > 0 ? [`left out ${more} more`] : []),
  ]
}

interface FoundFile {
  readonly path: string
  /** Why it cannot be an image; undefined for a plain file. */
  readonly reason: string | undefined
}

async function listFiles(root: string, below: string): Promise<FoundFile[]> {
  const entries = await readdir(join(root, below), { withFileTypes: true })
  const nested = entries.map(async (entry): Promise<FoundFile[]> => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.name.startsWith('.')) return [{ path, reason: 'hidden' }]
    if (entry.isDirectory()) return listFiles(root, path)
    return [{ path, reason: entry.isFile() ? undefined : entry.isSymbolicLink() ? 'a link' : 'not a plain file' }]
  })
  return (await Promise.all(nested)).flat().sort((a, b) => (a.path < b.path ? -1 : 1))
}
