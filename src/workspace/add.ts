import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { readArguments } from '../command-line/arguments.ts'
import { parseParams } from '../command-line/params.ts'
import { ConfigError, DataError } from '../core/errors.ts'
import { restoringFile, temporaryName } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import type { Pin } from '../dataset/pin.ts'
import { ORIGINS_FILE, readOrigins } from '../fetch/layout.ts'
import {
  copyImages,
  describeCounts,
  describeLeftOut,
  hashImages,
  type ImageFolder,
  listDataImages,
  writeOrigins,
} from './image-folder.ts'
import { describePins, keepPinned, pinImages, WORKSHOP } from './pinned-images.ts'
import { openTraining } from './profiles.ts'
import { withParams, withValues } from './use.ts'

const HELP = `usage: npm run add -- DIR

Adds training images to those in data/ and pins the result. DIR has one folder
for each class, which may be a new class. Images that data/ has already, byte
for byte, are left out; a name that is taken gets a number.

A manifest.csv in DIR (path, source) names the origins of its images.`

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
  // of both sets: a test image must not be added to training either
  const known = new Set((await hashImages(paths.data, await listDataImages(paths.data))).map(({ sha256 }) => sha256))
  const offered = await hashImages(folder, offer.images)
  const { fresh = [], duplicates = [] } = Object.groupBy(offered, ({ sha256 }) => {
    if (known.has(sha256)) return 'duplicates'
    known.add(sha256)
    return 'fresh'
  })
  const notes = describeLeftOut([...offer.leftOut, ...duplicates.map(({ path }) => ({ path, reason: 'a duplicate' }))])
  for (const line of notes) console.log(`add: ${line}`)
  if (fresh.length === 0) return `no new images; duplicates left out: ${duplicates.length}`
  const { pins, changes } = await withParams(await paramsForFolder(), async () => ({
    before,
    after: await addImages({ ...offer, images: fresh }),
  }))
  for (const line of [...changes, describePins(pins)]) console.log(`add: ${line}`)
  return `images added: ${describeCounts(fresh)}; duplicates left out: ${duplicates.length}`
}

/** params.yaml with source `folder`, since the images can no longer be drawn or downloaded. */
async function paramsForFolder(): Promise<string> {
  const text = await readFile(paths.params, 'utf8')
  const { fetch } = parseParams(text)
  if (fetch.source === 'folder') return text
  return withValues(text, { fetch: { source: 'folder', maxRejected: fetch.maxRejected } })
}

/** Copies new images beside `data/`, moves them in and pins; removes them again when that fails. */
async function addImages(offer: ImageFolder): Promise<Pin> {
  const work = temporaryName(join(WORKSHOP, 'added'))
  const added: string[] = []
  try {
    await copyImages(offer, join(work, 'train'))
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
  const taken = new Set((await listDataImages(paths.data)).map(({ path }) => path))
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

/** The path, or when it is taken the next free one with a number: `cat/1-2.jpg`. */
function freePath(path: string, taken: ReadonlySet<string>): string {
  const { dir, name, ext } = posix.parse(path)
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? path : posix.join(dir, `${name}-${number}${ext}`)
    if (!taken.has(candidate)) return candidate
  }
}
