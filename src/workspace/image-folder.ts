import { constants, type Dirent } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import pMap from 'p-map'
import type { ImageParams } from '../config/shapes.ts'
import { classesOf, writeCsv } from '../core/csv.ts'
import { ConfigError, messageOf } from '../core/errors.ts'
import { listFiles, readSha256 } from '../core/files.ts'
import { openProgress } from '../core/progress.ts'
import type { Pair } from '../dataset/pairs.ts'
import { arrange, freePath } from '../fetch/arrange.ts'
import { findPairs } from '../fetch/duplicates.ts'
import type { Fingerprint } from '../fetch/fingerprint.ts'
import {
  classesIn,
  type DataImage,
  isIgnored,
  ORIGINS_FILE,
  type Place,
  placeOf,
  readOriginsIn,
  UNKNOWN_SOURCE,
  writeOrigins,
} from '../fetch/layout.ts'
import { fingerprintImage, inspectFileAt } from '../fetch/scan.ts'
import type { Thumbnails } from '../fetch/thumbnails.ts'
import { DECODES_AT_ONCE } from '../images/decode.ts'
import { ImageError } from '../images/open.ts'
import { type Labelled, type LabelOptions, readLabelTable } from './label-table.ts'
import { WORKSHOP } from './pinned-images.ts'

/** An image of a user's folder, which fetch will accept, and its place below `data/`. */
export interface FolderImage extends Place {
  /** The file. */
  readonly file: string
  /** Path below `data/`. */
  readonly id: string
  readonly source: string
  readonly sha256: string
  /** In pixels, after EXIF orientation; height too. */
  readonly width: number
  readonly height: number
  /** Undefined without thumbnails. */
  readonly fingerprint?: Fingerprint | undefined
}

/** The images of a user's folder, by path, and the files that are left out. */
export interface ImageFolder {
  readonly images: readonly FolderImage[]
  readonly leftOut: readonly LeftOut[]
  /** What was taken for what, in lines. */
  readonly notes: readonly string[]
}

/** A file that is no image, or has no place. */
export interface LeftOut {
  /** Below its folder. */
  readonly path: string
  readonly reason: string
}

export interface FolderOptions {
  readonly image: ImageParams
  /** `test`: a folder of test images alone. Otherwise of training images, and of test images where it has such a folder. */
  readonly set?: 'test'
  /** Classes that are known. */
  readonly classes?: readonly string[]
  readonly labels?: LabelOptions | undefined
  /** Whether files that the table of labels does not name may have a label by their folder or name. */
  readonly isTablePartial?: boolean
  /** Receives the thumbnail of each image, for the search for near duplicates. */
  readonly thumbnails?: Pick<Thumbnails, 'add'> | undefined
}

const FILES_AT_ONCE = 8
const SHOWN = 10
const LEFT_OUT_FILE = `${WORKSHOP}/left-out.csv`

/**
 * The images of a folder that fetch will accept: each is decoded. Links and hidden files are left out.
 *
 * @throws ConfigError when the folder or the table of labels cannot be read
 */
export async function readImageFolder(folder: string, options: FolderOptions): Promise<ImageFolder> {
  const files = await listFiles(folder).catch((error: unknown) => {
    throw new ConfigError(`Expected a folder of images, received: ${messageOf(error)}. Name another.`)
  })
  const table = options.labels && resolve(options.labels.file)
  const reasons = files
    .filter(({ path, entry }) => entry.name !== ORIGINS_FILE && resolve(folder, path) !== table)
    .map(({ path, entry }) => ({ path, reason: reasonAgainst(path, entry) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
  const leftOut = reasons.flatMap(({ path, reason }): LeftOut[] => (reason === undefined ? [] : [{ path, reason }]))
  const paths = reasons.filter(({ reason }) => reason === undefined).map(({ path }) => path)
  const { placed, refused, notes } = await placeAll(folder, paths, options)
  const { images, damaged } = await inspectAll(folder, placed, options)
  return { images, leftOut: [...leftOut, ...refused, ...damaged], notes }
}

/** Why a file cannot be an image; undefined for a plain file. */
function reasonAgainst(path: string, entry: Dirent): string | undefined {
  const names = path.split('/')
  if (names.some((name) => name.startsWith('.'))) return 'hidden'
  if (names.some(isIgnored)) return 'not an image by its name'
  if (entry.isSymbolicLink()) return 'a link'
  return entry.isFile() ? undefined : 'not a plain file'
}

/** A file and its place below `data/`. */
interface Placed extends Place {
  readonly path: string
  readonly id: string
  readonly source: string
}

async function placeAll(folder: string, paths: readonly string[], options: FolderOptions) {
  const { set, classes = [], labels, isTablePartial = false } = options
  const layout = set === 'test' ? undefined : arrange(paths, classes)
  const table = labels && (await readLabelTable(labels, paths))
  const wanted = (path: string) => (layout?.ids.get(path) ?? defaultId(path, set)).normalize() // macOS decomposes accents
  const known = [...classes, ...classesIn(paths.map(wanted))]
  const origins = await readAllOrigins(folder, layout?.originFolders ?? [''])
  const [placed, refused]: [Placed[], LeftOut[]] = [[], []]
  const taken = new Set<string>()
  for (const path of paths) {
    const labelled = table?.labels.get(path)
    const isOutside = table !== undefined && labelled === undefined && !isTablePartial
    const place = isOutside ? `no label in ${labels?.file}` : placeBy(wanted(path), labelled, known)
    if (typeof place === 'string') {
      refused.push({ path, reason: place })
      continue
    }
    const id = freePath(place.id, taken)
    taken.add(id)
    placed.push({ ...place, path, id, source: labelled?.source ?? origins.get(path.normalize()) ?? UNKNOWN_SOURCE })
  }
  const missing = table?.missing ?? []
  const notes = [
    ...(layout?.note === undefined ? [] : [`${folder}: ${layout.note}`]),
    ...(missing.length > 0 && !isTablePartial
      ? [
          `${labels?.file}: lines without a file: ${missing.length} (${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ', …' : ''})`,
        ]
      : []),
  ]
  return { placed, refused, notes }
}

/** The place of a file outside of the class folders and sets, whose label is unknown. */
function defaultId(path: string, set: 'test' | undefined): string {
  return set === 'test' || !path.includes('/') ? `${set ?? 'train'}/${path}` : path
}

function placeBy(id: string, labelled: Labelled | undefined, classes: readonly string[]) {
  if (labelled === undefined) {
    const place = placeOf(id, classes)
    return typeof place === 'string' ? place : { ...place, id }
  }
  const { label } = labelled
  const [set, ...below] = id.split('/')
  const isInSet = set === 'train' || set === 'test'
  const labelledId = `${set === 'test' ? 'test' : 'train'}/${label}/${isInSet ? below.join('/') : id}`
  const place = placeOf(labelledId, classes)
  return typeof place === 'string' ? place : { ...place, id: labelledId }
}

async function readAllOrigins(folder: string, folders: readonly string[]): Promise<Map<string, string>> {
  const read = async (below: string) =>
    (await readOriginsIn(join(folder, below))).map(([path, source]) => [(below + path).normalize(), source] as const)
  return new Map((await Promise.all(folders.map(read))).flat())
}

async function inspectAll(folder: string, placed: readonly Placed[], { image, thumbnails }: FolderOptions) {
  using progress = openProgress('images checked', placed.length)
  let done = 0
  const inspect = async ({ path, ...place }: Placed): Promise<FolderImage | LeftOut> => {
    try {
      const file = join(folder, path)
      const { frame, square: _, ...seen } = await inspectFileAt(file, image)
      const { sha256 } = seen
      return { ...place, file, ...seen, fingerprint: thumbnails && fingerprintImage(sha256, frame, thumbnails) }
    } catch (error) {
      if (error instanceof ImageError) return { path, reason: error.reason }
      throw error
    } finally {
      progress.update(++done)
    }
  }
  const results = await pMap(placed, inspect, { concurrency: DECODES_AT_ONCE })
  return {
    images: results.filter((result) => 'file' in result),
    damaged: results.filter((result) => 'reason' in result),
  }
}

/** The pairs among images of folders that were read with these thumbnails. */
export function pairsAmong(images: readonly FolderImage[], thumbnails: Thumbnails | undefined): Pair[] {
  const fingerprints = new Map(
    images.flatMap(({ sha256, fingerprint }) => (fingerprint ? [[sha256, fingerprint] as const] : [])),
  )
  return findPairs(images, thumbnails && { fingerprints, thumbnails })
}

/** The images with their SHA-256. */
export async function hashImages(folder: string, images: readonly DataImage[]) {
  return pMap(images, async (image) => ({ ...image, sha256: await readSha256(join(folder, image.id)) }), {
    concurrency: FILES_AT_ONCE,
  })
}

/** Copies images into a folder with the layout of `data/`, and writes their origins. */
export async function copyImages(images: readonly FolderImage[], to: string): Promise<void> {
  using progress = openProgress('images copied', images.length)
  let done = 0
  const copy = async ({ file, id }: FolderImage) => {
    await mkdir(dirname(join(to, id)), { recursive: true })
    await copyFile(file, join(to, id), constants.COPYFILE_FICLONE)
    progress.update(++done)
  }
  await pMap(images, copy, { concurrency: FILES_AT_ONCE })
  const origins = new Map(images.map(({ id, source }) => [id, source]))
  for (const set of new Set(images.map((image) => image.set))) await writeOrigins(to, set, origins)
}

/** `cat 3, dog 2`, by label. */
export function describeCounts(images: readonly { readonly label: string }[]): string {
  const byLabel = Map.groupBy(images, ({ label }) => label)
  return (
    classesOf(images)
      .map((label) => `${label} ${byLabel.get(label)?.length}`)
      .join(', ') || 'none'
  )
}

/** `hidden (3: .DS_Store, …); a link (1: cat/2.png)`, the most frequent first. */
export function summarizeLeftOut(leftOut: readonly LeftOut[]): string {
  const byReason = [...Map.groupBy(leftOut, ({ reason }) => reason)]
  byReason.sort(([, a], [, b]) => b.length - a.length)
  const examples = ([first, ...others]: readonly LeftOut[]) => `${first?.path}${others.length > 0 ? ', …' : ''}`
  return byReason.map(([reason, files]) => `${reason} (${files.length}: ${examples(files)})`).join('; ')
}

/** Lines about the files that are left out: each of a few, or how many for each reason and the file that lists them. */
export async function reportLeftOut(leftOut: readonly LeftOut[]): Promise<string[]> {
  if (leftOut.length <= SHOWN) {
    return leftOut.map(({ path, reason }) => `left out ${JSON.stringify(path)}: ${reason}`)
  }
  await writeCsv(LEFT_OUT_FILE, ['path', 'reason'], leftOut, { forPeople: true })
  return [`left out ${leftOut.length} files, listed in ${LEFT_OUT_FILE}: ${summarizeLeftOut(leftOut)}`]
}
