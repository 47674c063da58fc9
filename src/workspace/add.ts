import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import pMap from 'p-map'
import { parseDocument } from 'yaml'
import { readArguments } from '../command-line/arguments.ts'
import { parseParams } from '../command-line/params.ts'
import { ConfigError, DataError } from '../core/errors.ts'
import { exists, readSha256, restoringFile, temporaryName } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import type { Pin } from '../dataset/pin.ts'
import { ORIGINS_FILE, readOrigins } from '../fetch/layout.ts'
import {
  copyImages,
  describeCounts,
  describeLeftOut,
  type ImageFolder,
  readImageFolder,
  writeOrigins,
} from './image-folder.ts'
import { describePins, keepPinned, pinImages, WORKSHOP } from './pinned-images.ts'
import { openTraining } from './profiles.ts'
import { withParams } from './use.ts'

const HELP = `usage: npm run add -- DIR

Adds training images to those in data/ and pins the result. DIR has one folder
for each class, which may be a new class. Images that data/ has already, byte
for byte, are left out; a name that is taken gets a number.

A manifest.csv in DIR (path, source) names the origins of its images.`

const HASHES_AT_ONCE = 8

/** The command `add`. @throws ConfigError, DataError when something is missing or would be lost; nothing is changed then */
export async function add(args: readonly string[]): Promise<string | undefined> {
  const given = readArguments(args, { help: HELP, options: {}, words: 1 })
  if (!given) return undefined
  const [folder] = given.words
  if (folder === undefined) throw new ConfigError('Expected a folder of images, received none. See --help.')
  const offer = await openTraining(folder, 1)
  const before = await keepPinned()
  if (!before) {
    throw new DataError(
      `Expected images in ${paths.data}/ to add to, received none. Bring the pinned ones with \`npm run repro -- fetch --force\`, or start with \`npm run use\`.`,
    )
  }
  const known = await readHashes(paths.data, await listImages())
  const { fresh, duplicates } = newImages(
    await readHashes(folder, offer.images),
    new Set(known.map(({ sha256 }) => sha256)),
  )
  const notes = describeLeftOut([...offer.leftOut, ...duplicates.map(({ path }) => ({ path, reason: 'a duplicate' }))])
  for (const line of notes) console.log(`add: ${line}`)
  if (fresh.length === 0) return `no new images; duplicates left out: ${duplicates.length}`
  const { pins, changes } = await withParams(await paramsForFolder(), async () => ({
    before,
    after: await addImages(folder, { ...offer, images: fresh }),
  }))
  for (const line of [...changes, describePins(pins)]) console.log(`add: ${line}`)
  return `images added: ${describeCounts(fresh)}; duplicates left out: ${duplicates.length}`
}

interface Hashed {
  readonly path: string
  readonly label: string
  readonly sha256: string
}

/** The images of both sets, by path below `data/`: a test image must not be added to training either. */
async function listImages(): Promise<ImageFolder['images']> {
  const sets = await Promise.all(
    (['train', 'test'] as const).map(async (set) => {
      const folder = join(paths.data, set)
      const { images } = (await exists(folder)) ? await readImageFolder(folder, set) : { images: [] }
      return images.map(({ path, label }) => ({ path: `${set}/${path}`, label }))
    }),
  )
  return sets.flat()
}

async function readHashes(folder: string, images: ImageFolder['images']): Promise<Hashed[]> {
  return pMap(images, async (image) => ({ ...image, sha256: await readSha256(join(folder, image.path)) }), {
    concurrency: HASHES_AT_ONCE,
  })
}

/** params.yaml with source `folder`, since the images can no longer be drawn or downloaded. */
async function paramsForFolder(): Promise<string> {
  const text = await readFile(paths.params, 'utf8')
  const { fetch } = parseParams(text)
  if (fetch.source === 'folder') return text
  const document = parseDocument(text)
  document.set('fetch', document.createNode({ source: 'folder', maxRejected: fetch.maxRejected }))
  return document.toString({ lineWidth: 0 })
}

/** Copies new images beside `data/`, moves them in and pins; removes them again when that fails. */
async function addImages(folder: string, offer: ImageFolder): Promise<Pin> {
  const work = temporaryName(join(WORKSHOP, 'added'))
  const added: string[] = []
  try {
    await copyImages(offer, { from: folder, to: join(work, 'train') })
    return await restoringFile(join(paths.data, 'train', ORIGINS_FILE), async () => {
      await moveIn(work, offer, (id) => added.push(id))
      return pinImages()
    })
  } catch (error) {
    for (const id of added) await rm(join(paths.data, id), { force: true })
    throw error
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Moves images into `data/train/`, with their origins; `onMoved` is called with the new id of each. */
async function moveIn(from: string, offer: ImageFolder, onMoved: (id: string) => void): Promise<void> {
  const taken = new Set((await listImages()).map(({ path }) => path))
  const origins = await readOrigins(paths.data)
  const newOrigins = await readOrigins(from)
  for (const { path } of offer.images) {
    const id = freePath(`train/${path}`, taken)
    taken.add(id)
    await mkdir(dirname(join(paths.data, id)), { recursive: true })
    await rename(join(from, `train/${path}`), join(paths.data, id))
    onMoved(id)
    const origin = newOrigins.get(`train/${path}`)
    if (origin !== undefined) origins.set(id, origin)
  }
  await writeOrigins(paths.data, 'train', origins)
}

/** The images whose content is not known yet, each content once, and the duplicates. */
function newImages<Image extends { readonly sha256: string }>(
  images: readonly Image[],
  known: ReadonlySet<string>,
): { fresh: Image[]; duplicates: Image[] } {
  const seen = new Set(known)
  const fresh: Image[] = []
  const duplicates: Image[] = []
  for (const image of images) {
    const list = seen.has(image.sha256) ? duplicates : fresh
    seen.add(image.sha256)
    list.push(image)
  }
  return { fresh, duplicates }
}

/** The path, or when it is taken the next free one with a number: `cat/1-2.jpg`. */
function freePath(path: string, taken: ReadonlySet<string>): string {
  const { dir, name, ext } = posix.parse(path)
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? path : posix.join(dir, `${name}-${number}${ext}`)
    if (!taken.has(candidate)) return candidate
  }
}
