import { constants, type Dirent } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import pMap from 'p-map'
import type { ImageParams } from '../config/shapes.ts'
import { sortedById } from '../core/csv.ts'
import { sha256 } from '../core/files.ts'
import { openProgress } from '../core/progress.ts'
import type { ManifestRow } from '../dataset/manifest.ts'
import { DECODES_AT_ONCE, ImageError, inspectImage } from '../images/decode.ts'
import { type Fingerprint, fingerprintOf } from './fingerprint.ts'
import { ORIGINS_FILE, readOrigins, UNKNOWN_SOURCE } from './origins.ts'
import type { PixelCache } from './pixel-cache.ts'
import { placeOf } from './place.ts'

/** A file that is not used, and why. */
export interface RejectedFile {
  readonly id: string
  readonly reason: string
}

/** Every file below `data/` that should be an image, in one of two lists, each sorted by id. */
export interface Scan {
  readonly accepted: readonly ManifestRow[]
  readonly rejected: readonly RejectedFile[]
  /** Of the accepted images, by SHA-256. */
  readonly fingerprints: ReadonlyMap<string, Fingerprint>
}

/** How images are looked at: decoded once, at the size that the networks see, and kept for augment. */
export interface ScanOptions {
  readonly image: ImageParams
  readonly cache?: PixelCache
}

/** A file above this size is no photograph, and is not read. */
const MAX_FILE_BYTES = 2 ** 28

/**
 * Decodes, hashes and lists every image below a folder that has the layout of `data/`.
 *
 * Links are not followed. Hidden files, `manifest.csv`, DVC's files and what file managers leave are not images.
 */
export async function scanImages(folder: string, options: ScanOptions): Promise<Scan> {
  const origins = await readOrigins(folder)
  const files = sortedById(await listDataFiles(folder))
  const results = await inspectAll(files, { ...options, folder, origins })
  await options.cache?.trim()
  const images = results.filter((result) => 'row' in result)
  return {
    accepted: images.map(({ row }) => row),
    rejected: results.filter((result) => 'reason' in result),
    fingerprints: new Map(images.map(({ row, fingerprint }) => [row.sha256, fingerprint])),
  }
}

/** A file that may be an image. */
export interface FoundFile {
  readonly id: string
  readonly entry: Dirent
}

/** Every file below a folder but those that are no images by their names, in no order. */
export async function listDataFiles(folder: string, below = ''): Promise<FoundFile[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true })
  const found = entries
    .filter(({ name }) => !isIgnored(name))
    .map((entry) => {
      const id = below === '' ? entry.name : `${below}/${entry.name}`
      return entry.isDirectory() ? listDataFiles(folder, id) : [{ id, entry }]
    })
  return (await Promise.all(found)).flat()
}

const IGNORED = new Set([ORIGINS_FILE, 'Thumbs.db', 'desktop.ini'])

function isIgnored(name: string): boolean {
  return name.startsWith('.') || name.endsWith('.dvc') || IGNORED.has(name)
}

interface InspectOptions extends ScanOptions {
  readonly folder: string
  readonly origins: ReadonlyMap<string, string>
}

interface Accepted {
  readonly row: ManifestRow
  readonly fingerprint: Fingerprint
}

async function inspectAll(files: readonly FoundFile[], options: InspectOptions): Promise<(Accepted | RejectedFile)[]> {
  const progress = openProgress('fetch: files read', files.length)
  let done = 0
  const inspect = async (file: FoundFile) => {
    const result = await inspectFile(file, options)
    progress.update(++done)
    return result
  }
  try {
    return await pMap(files, inspect, { concurrency: DECODES_AT_ONCE })
  } finally {
    progress.stop()
  }
}

async function inspectFile(
  { id, entry }: FoundFile,
  { folder, origins, image, cache }: InspectOptions,
): Promise<Accepted | RejectedFile> {
  if (entry.isSymbolicLink()) return { id, reason: 'a link' }
  if (!entry.isFile()) return { id, reason: 'not a plain file' }
  const place = placeOf(id)
  if (typeof place === 'string') return { id, reason: place }
  try {
    const bytes = await readImage(join(folder, id))
    const { width, height, frame, square } = await inspectImage(bytes, image)
    const row = { id, ...place, source: origins.get(id) ?? UNKNOWN_SOURCE, sha256: sha256(bytes), width, height }
    if (square) cache?.write(row.sha256, square)
    return { row, fingerprint: fingerprintOf(frame) }
  } catch (error) {
    if (error instanceof ImageError) return { id, reason: error.reason }
    throw error
  }
}

/** The bytes of a file; a link that has just taken its place is not followed. */
async function readImage(path: string): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: NodeJS.ErrnoException) => {
    throw new ImageError(`a file that cannot be read (${error.code})`, { cause: error })
  })
  try {
    const { size } = await file.stat()
    if (size > MAX_FILE_BYTES) throw new ImageError(`a file of ${size} bytes, more than ${MAX_FILE_BYTES}`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}
