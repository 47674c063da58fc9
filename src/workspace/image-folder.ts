import { constants, type Dirent } from 'node:fs'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import pMap from 'p-map'
import { classesOf, writeCsv } from '../core/csv.ts'
import { ConfigError, messageOf } from '../core/errors.ts'
import { listFiles, readSha256 } from '../core/files.ts'
import { openProgress } from '../core/progress.ts'
import type { ManifestSet } from '../dataset/manifest.ts'
import { listDataFiles, ORIGINS_FILE, type Place, placeOf, UNKNOWN_SOURCE } from '../fetch/layout.ts'

/** An image in a user's folder. */
export interface FolderImage {
  /** Path below that folder, with `/`: `cat/1.jpg`. */
  readonly path: string
  readonly label: string
}

/** The images of a user's folder, by path, and the files that are left out. */
export interface ImageFolder {
  readonly folder: string
  readonly images: readonly FolderImage[]
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[]
  /** Whether a `manifest.csv` names the origins of the images. */
  readonly hasOrigins: boolean
}

const FILES_AT_ONCE = 8
const SHOWN = 10

/**
 * The images of a folder: every file of its class folders, and in a test set also loose files named `<label>_<anything>`.
 *
 * Files are not decoded; fetch does that. Links and hidden files are left out.
 *
 * @throws ConfigError when the folder cannot be read
 */
export async function readImageFolder(folder: string, set: ManifestSet): Promise<ImageFolder> {
  const files = await listFiles(folder).catch((error: unknown) => {
    throw new ConfigError(`Expected a folder of images, received: ${messageOf(error)}. Name another.`)
  })
  const images: FolderImage[] = []
  const leftOut: ImageFolder['leftOut'][number][] = []
  for (const { path, entry } of files.sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (path === ORIGINS_FILE) continue
    const place = placeOf(`${set}/${path}`)
    const reason = reasonAgainst(path, entry) ?? place
    if (typeof reason === 'string') leftOut.push({ path, reason })
    else images.push({ path, label: reason.label })
  }
  return { folder, images, leftOut, hasOrigins: files.some(({ path }) => path === ORIGINS_FILE) }
}

/** Why a file cannot be an image; undefined for a plain file. */
function reasonAgainst(path: string, entry: Dirent): string | undefined {
  if (path.split('/').some((name) => name.startsWith('.'))) return 'hidden'
  if (entry.isSymbolicLink()) return 'a link'
  return entry.isFile() ? undefined : 'not a plain file'
}

/** The images in a folder with the layout of `data/`, by path below it. */
export async function listDataImages(folder: string): Promise<(FolderImage & Place)[]> {
  const files = (await listDataFiles(folder)).filter(({ entry }) => entry.isFile())
  return files.flatMap(({ id }) => {
    const place = placeOf(id)
    return typeof place === 'string' ? [] : [{ path: id, ...place }]
  })
}

/** The images with their SHA-256. */
export async function hashImages<Image extends FolderImage>(folder: string, images: readonly Image[]) {
  return pMap(images, async (image) => ({ ...image, sha256: await readSha256(join(folder, image.path)) }), {
    concurrency: FILES_AT_ONCE,
  })
}

/** Copies the images and the file of origins. */
export async function copyImages({ folder, images, hasOrigins }: ImageFolder, to: string): Promise<void> {
  using progress = openProgress('images copied', images.length)
  let done = 0
  const copy = async (path: string) => {
    await mkdir(dirname(join(to, path)), { recursive: true })
    await copyFile(join(folder, path), join(to, path), constants.COPYFILE_FICLONE)
  }
  if (hasOrigins) await copy(ORIGINS_FILE)
  await pMap(images, async ({ path }) => copy(path).then(() => progress.update(++done)), { concurrency: FILES_AT_ONCE })
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
  const byLabel = Map.groupBy(images, ({ label }) => label)
  return (
    classesOf(images)
      .map((label) => `${label} ${byLabel.get(label)?.length}`)
      .join(', ') || 'none'
  )
}

/** One line for each of the first ten files that are left out. */
export function describeLeftOut(leftOut: ImageFolder['leftOut']): string[] {
  const more = leftOut.length - SHOWN
  return [
    ...leftOut.slice(0, SHOWN).map(({ path, reason }) => `left out ${JSON.stringify(path)}: ${reason}`),
    ...(more > 0 ? [`left out ${more} more`] : []),
  ]
}
