import { realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Params } from '../command-line/params.ts'
import { ConfigError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { openProgress } from '../core/progress.ts'
import { classesOf } from '../dataset/classes.ts'
import type { ManifestSet } from '../dataset/manifest.ts'
import { readOrigins } from '../fetch/origins.ts'
import { drawSample } from '../fetch/sample.ts'
import { copyOffer, describeCounts, describeLeftOut, type Offer, readOffer, writeOrigins } from './adopt.ts'

/** What a profile needs beside its parameters. */
export interface ImageFolders {
  readonly data?: string | undefined
  readonly test?: string | undefined
}

/** Images that are ready to be put in place. */
export interface Prepared {
  /** Writes them into a folder, in the layout of `data/`. */
  readonly fill: (folder: string) => Promise<void>
  /** Lines that say what they are. */
  readonly notes: readonly string[]
  /** Where params.yaml must differ from the profile: values by path, `fetch.test`. */
  readonly changes?: Readonly<Record<string, unknown>>
}

/** Makes images ready. What can be refused is refused here, before anything in the checkout is written. */
export type Prepare = (folders: ImageFolders, params: Params) => Promise<Prepared>

/** The drawn sample. */
export async function prepareSample({ data, test }: ImageFolders, { fetch, seed }: Params): Promise<Prepared> {
  if (data !== undefined || test !== undefined) {
    throw new ConfigError(
      'Expected sample without --data and --test, received one. Leave them out: it draws its images.',
    )
  }
  if (fetch.source !== 'sample') {
    throw new ConfigError(`Expected fetch.source sample in its profile, received ${fetch.source}. Restore the profile.`)
  }
  return {
    fill: (folder) =>
      withProgress('use: images drawn', (update) =>
        drawSample(folder, fetch, seed, (done, total) => update(done, total)),
      ),
    notes: [`images: ${fetch.imagesPerClass} a class for training, ${fetch.testImagesPerClass} a class for the test`],
  }
}

/** Somebody's folders. */
export async function prepareFolder({ data, test }: ImageFolders): Promise<Prepared> {
  if (data === undefined)
    throw new ConfigError('Expected --data DIR with folder, received none. Name the folder of the images.')
  const training = await openTraining(data)
  const testing = test === undefined ? undefined : await openTest(test, classesOf(training.images))
  return {
    fill: async (folder) => {
      await copySet(training, { from: data, folder, set: 'train' })
      if (testing && test !== undefined) await copySet(testing, { from: test, folder, set: 'test' })
    },
    notes: [
      `training images: ${describeCounts(training.images)}`,
      testing
        ? `test images: ${describeCounts(testing.images)}`
        : 'no test images: the gate fails until there are some (--test DIR)',
      ...describeLeftOut([...training.leftOut, ...(testing?.leftOut ?? [])]),
    ],
  }
}

/** The training images of a folder. @throws ConfigError when it is no folder of classes */
export async function openTraining(folder: string, classesWanted = 2): Promise<Offer> {
  await expectOutside(folder)
  const offer = await readOffer(folder, 'train')
  const classes = classesOf(offer.images)
  if (classes.length > 0 && classes.every((name) => name === 'train' || name === 'test')) {
    throw new ConfigError(
      `Expected class folders in ${folder}, received ${classes.join(', ')}. Name the folder of the classes: ${join(folder, 'train')}.`,
    )
  }
  if (classes.length >= classesWanted) return offer
  throw new ConfigError(
    `Expected ${classesWanted} or more class folders with images in ${folder}, received ${classes.join(', ') || 'none'}. Sort the images into one folder a class.`,
  )
}

/** The test images of a folder, which are of these classes. @throws ConfigError when it has others, or none */
export async function openTest(folder: string, classes: readonly string[]): Promise<Offer> {
  await expectOutside(folder)
  const offer = await readOffer(folder, 'test')
  const labels = classesOf(offer.images)
  const unknown = labels.filter((label) => !classes.includes(label))
  if (labels.length > 0 && unknown.length === 0) return offer
  throw new ConfigError(
    `Expected test images of ${classes.join(', ')} in ${folder}, received ${unknown.join(', ') || 'none'}. Sort them into folders by class, or name them <label>_<anything>.`,
  )
}

/** @throws ConfigError for a folder inside `data/`, which is about to change, or around the checkout */
async function expectOutside(folder: string): Promise<void> {
  const [place, checkout] = await Promise.all([folder, '.'].map((path) => realpath(path).catch(() => path)))
  const isAround = isInside(String(checkout), String(place))
  if (!isAround && !isInside(String(place), join(String(checkout), paths.data))) return
  throw new ConfigError(
    `Expected a folder outside ${isAround ? 'and not around this checkout' : `${paths.data}/`}, received ${folder}. Move the images there first.`,
  )
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way === '' || !(way.startsWith('..') || way.startsWith('/'))
}

/** Copies one set, and keeps of its manifest only what tells the origins. */
export async function copySet(offer: Offer, { from, folder, set }: { from: string; folder: string; set: ManifestSet }) {
  await withProgress(`use: ${set} images copied`, (update) =>
    copyOffer(offer, { from, to: join(folder, set), onCopied: (done) => update(done, offer.images.length) }),
  )
  await writeOrigins(folder, set, await readOrigins(folder))
}

async function withProgress(label: string, work: (update: (done: number, total: number) => void) => Promise<void>) {
  const bar = openProgress(label, 100)
  try {
    await work((done, total) => bar.update(Math.round((100 * done) / total), '%'))
  } finally {
    bar.stop()
  }
}
