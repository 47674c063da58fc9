import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import pMap from 'p-map'
import type { ImageParams } from '../config/shapes.ts'
import { classesOf, sortedById, writeCsv } from '../core/csv.ts'
import { md5 } from '../core/dvc-objects.ts'
import { DataError } from '../core/errors.ts'
import { sha256 } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { openProgress } from '../core/progress.ts'
import { describeFiles, type ManifestRow, type Remark, writeManifest } from '../dataset/manifest.ts'
import { type Pair, writePairs } from '../dataset/pairs.ts'
import type { SquareWriter } from '../dataset/squares.ts'
import { DECODES_AT_ONCE, inspectImage } from '../images/decode.ts'
import { ImageError } from '../images/open.ts'
import type { Frame } from '../images/resize.ts'
import { type Fingerprint, fingerprintOf, thumbnailOf } from './fingerprint.ts'
import { classesIn, type FoundImage, listDataFiles, placeOf, readOrigins, UNKNOWN_SOURCE } from './layout.ts'
import type { Thumbnails } from './thumbnails.ts'

/** Every file below `data/` that should be an image, in one of two lists, each sorted by id. */
export interface Scan {
  readonly accepted: readonly ManifestRow[]
  readonly rejected: readonly Remark[]
  /** Of the accepted images, by SHA-256; empty without thumbnails. */
  readonly fingerprints: ReadonlyMap<string, Fingerprint>
}

export interface ScanOptions {
  readonly image: ImageParams
  /** Receives the pixels of every accepted image. */
  readonly squares: Pick<SquareWriter, 'add'>
  /** Receives the thumbnail of each image; undefined if near duplicates are not searched for. */
  readonly thumbnails?: Pick<Thumbnails, 'add'> | undefined
}

/** Larger files are not photographs, and are not read. */
const MAX_FILE_BYTES = 2 ** 28

/** Decodes, hashes and lists every image below a folder that has the layout of `data/`. Links are followed into DVC's cache alone. */
export async function scanImages(folder: string, options: ScanOptions): Promise<Scan> {
  const origins = await readOrigins(folder)
  const files = sortedById(await listDataFiles(folder))
  const classes = classesIn(files.map(({ id }) => id))
  const results = await inspectAll(files, { ...options, folder, origins, classes })
  const images = results.filter((result) => 'row' in result)
  return {
    accepted: images.map(({ row }) => row),
    rejected: results.filter((result) => 'reason' in result),
    fingerprints: new Map(images.flatMap(({ row, fingerprint }) => (fingerprint ? [[row.sha256, fingerprint]] : []))),
  }
}

/** `930 images of 3 classes, 0 rejected` */
export function describeScan({ accepted, rejected }: Pick<Scan, 'accepted' | 'rejected'>): string {
  const list = rejected.length > 0 ? ` (${paths.rejected})` : ''
  return `${accepted.length} images of ${classesOf(accepted).length} classes, ${rejected.length} rejected${list}`
}

/**
 * Stops the stage where the images are not enough for a reliable result.
 *
 * @param maxRejected largest share of all files, in [0, 1]
 * @throws DataError when there are no training images, too many files were rejected, or one of them belongs to the test set
 */
export function checkScan({ accepted, rejected }: Pick<Scan, 'accepted' | 'rejected'>, maxRejected: number): void {
  const files = rejected.length + accepted.length
  const share = rejected.length / files
  const test = rejected.filter(({ id }) => id.startsWith('test/'))
  if (test.length > 0) {
    throw new DataError(
      `Expected every test image to be readable, received ${test.length} that are not. Replace or remove them.${describeFiles(test)}`,
    )
  }
  if (rejected.length > 0 && !(share <= maxRejected)) {
    throw new DataError(
      `Expected at most ${percent(maxRejected)} of the files to be rejected (fetch.maxRejected), received ${rejected.length} of ${files} (${percent(share)}). Replace or remove them.${describeFiles(rejected)}`,
    )
  }
  if (!accepted.some(({ set }) => set === 'train')) {
    throw new DataError(
      'Expected images at data/train/<label>/<file>, received none. Put them there with `npm run use`.',
    )
  }
}

/** Writes manifest.csv, rejected.csv and pairs.csv. */
export async function writeTables(
  folder: string,
  scan: Omit<Scan, 'fingerprints'>,
  pairs: readonly Pair[],
): Promise<void> {
  await writeManifest(join(folder, basename(paths.manifest)), scan.accepted)
  await writeCsv(join(folder, basename(paths.rejected)), ['id', 'reason'], scan.rejected)
  await writePairs(join(folder, basename(paths.pairs)), pairs)
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`
}

interface InspectOptions extends ScanOptions {
  readonly folder: string
  readonly origins: ReadonlyMap<string, string>
  readonly classes: readonly string[]
}

interface Accepted {
  readonly row: ManifestRow
  readonly fingerprint: Fingerprint | undefined
}

async function inspectAll(files: readonly FoundImage[], options: InspectOptions): Promise<(Accepted | Remark)[]> {
  using progress = openProgress('fetch: files read', files.length)
  let done = 0
  const inspect = async (file: FoundImage) => {
    const result = await inspectFile(file, options)
    progress.update(++done)
    return result
  }
  return await pMap(files, inspect, { concurrency: DECODES_AT_ONCE })
}

async function inspectFile(
  { id, entry }: FoundImage,
  { folder, origins, classes, image, squares, thumbnails }: InspectOptions,
): Promise<Accepted | Remark> {
  const path = entry.isSymbolicLink() ? await cachedObject(join(folder, id)) : join(folder, id)
  if (path === undefined) return { id, reason: 'a link' }
  if (!entry.isFile() && !entry.isSymbolicLink()) return { id, reason: 'not a plain file' }
  const place = placeOf(id, classes)
  if (typeof place === 'string') return { id, reason: place }
  try {
    const { square, frame, ...seen } = await inspectFileAt(path, image)
    const fingerprint = thumbnails && fingerprintImage(seen.sha256, frame, thumbnails)
    squares.add(seen.sha256, square)
    return { row: { id, ...place, source: origins.get(id) ?? UNKNOWN_SOURCE, ...seen }, fingerprint }
  } catch (error) {
    if (error instanceof ImageError) return { id, reason: error.reason }
    throw error
  }
}

/** What fetch sees in a file. @throws ImageError with the reason why it is refused */
export async function inspectFileAt(path: string, image: ImageParams) {
  const bytes = readImage(path)
  const { width, height, frame, square } = await inspectImage(bytes, image)
  return { sha256: sha256(bytes), width, height, square, frame }
}

/** Adds the thumbnail of an image, and returns its fingerprint. */
export function fingerprintImage(sha256: string, frame: Frame, thumbnails: Pick<Thumbnails, 'add'>): Fingerprint {
  const thumbnail = thumbnailOf(frame)
  thumbnails.add(sha256, thumbnail)
  return fingerprintOf(thumbnail)
}

/**
 * The object in DVC's cache that a link leads to, as DVC makes them with `cache.type symlink`; undefined for other links. A
 * cache may be anywhere, so the object is known by its name, which is the MD5 of its content.
 */
async function cachedObject(link: string): Promise<string | undefined> {
  const target = await realpath(link).catch(() => '')
  const [, start = '', rest = ''] = /[/\\]files[/\\]md5[/\\]([0-9a-f]{2})[/\\]([0-9a-f]{30})$/.exec(target) ?? []
  return start !== '' && md5(await readFile(target)) === start + rest ? target : undefined
}

/**
 * The bytes of a file; a link that has just replaced it is not followed. Reads synchronously: the file was hashed a moment ago,
 * and for a small one a promise costs more than the read.
 */
function readImage(path: string): Uint8Array {
  const file = openNoFollow(path)
  try {
    const { size } = fstatSync(file)
    if (size > MAX_FILE_BYTES) throw new ImageError(`a file of ${size} bytes, more than ${MAX_FILE_BYTES}`)
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

function openNoFollow(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (error) {
    throw new ImageError(`a file that cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error })
  }
}
