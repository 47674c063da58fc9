import { realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Params } from '../command-line/params.ts'
import { classesOf } from '../core/csv.ts'
import { ConfigError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import type { ManifestSet } from '../dataset/manifest.ts'
import { openKaggle } from '../fetch/kaggle.ts'
import { readOrigins } from '../fetch/layout.ts'
import { drawSample } from '../fetch/sample.ts'
import {
  copyImages,
  describeCounts,
  describeLeftOut,
  type ImageFolder,
  readImageFolder,
  writeOrigins,
} from './image-folder.ts'

/** The folders that the command line names. */
interface Folders {
  readonly data?: string | undefined
  readonly test?: string | undefined
}

/** Images that are ready to be written. */
export interface Prepared {
  /** Writes them into a folder with the layout of `data/`. */
  readonly fill: (folder: string) => Promise<void>
  /** Lines that describe them. */
  readonly notes: readonly string[]
  /** Values of params.yaml that differ from the profile, by path: `fetch.test`. */
  readonly changes?: Readonly<Record<string, unknown>>
}

/** Prepares images. Everything that can be refused is refused here, before the checkout is changed. */
type Prepare = (folders: Folders, params: Params) => Promise<Prepared>

/** Where the images of each profile come from. */
export const PROFILES: Readonly<Record<string, Prepare>> = {
  sample: prepareSample,
  folder: prepareFolder,
  animals10: prepareKaggle,
}

/** The drawn sample. */
async function prepareSample({ data, test }: Folders, { fetch, seed }: Params): Promise<Prepared> {
  if (data !== undefined || test !== undefined) {
    throw new ConfigError('Expected sample without --data and --test, received one. Omit them: the sample is drawn.')
  }
  if (fetch.source !== 'sample') {
    throw new ConfigError(`Expected fetch.source sample in its profile, received ${fetch.source}. Restore the profile.`)
  }
  return {
    fill: async (folder) => void (await drawSample(folder, fetch, seed, 'use')),
    notes: [`images: ${fetch.imagesPerClass} a class for training, ${fetch.testImagesPerClass} a class for the test`],
  }
}

/** The user's own folders. */
async function prepareFolder({ data, test }: Folders): Promise<Prepared> {
  if (data === undefined)
    throw new ConfigError('Expected --data DIR with folder, received none. Name the folder of the images.')
  const training = await openTraining(data)
  const testing = test === undefined ? undefined : await openTest(test, classesOf(training.images))
  return {
    fill: async (folder) => {
      await copySet(training, folder, 'train')
      if (testing) await copySet(testing, folder, 'test')
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

/** A data set of Kaggle, downloaded to the cache; the test images are those of a folder, or those that the profile names. */
async function prepareKaggle({ data, test }: Folders, { fetch }: Params): Promise<Prepared> {
  if (data !== undefined) {
    throw new ConfigError(
      'Expected animals10 without --data, received one. Omit it: the images come from Kaggle. For your own: `npm run use -- folder --data DIR`.',
    )
  }
  if (fetch.source !== 'kaggle') {
    throw new ConfigError(`Expected fetch.source kaggle in its profile, received ${fetch.source}. Restore the profile.`)
  }
  const testing = test === undefined ? undefined : await openTest(test, Object.keys(fetch.classes).sort())
  const { fill, notes } = await openKaggle(testing ? { ...fetch, test: null } : fetch, { label: 'use' })
  const published = Object.keys(fetch.test?.sha256 ?? {}).map((name) => ({ label: name.split('_', 1)[0] ?? '' }))
  return {
    fill: async (folder) => {
      await fill(folder)
      if (testing) await copySet(testing, folder, 'test')
    },
    notes: [
      ...notes,
      `test images: ${describeCounts(testing?.images ?? published)}`,
      ...describeLeftOut(testing?.leftOut ?? []),
    ],
    ...(testing && { changes: { 'fetch.test': null } }),
  }
}

/** The training images of a folder. @throws ConfigError when it is not a folder of classes */
export async function openTraining(folder: string, minClasses = 2): Promise<ImageFolder> {
  await expectOutside(folder)
  const images = await readImageFolder(folder, 'train')
  const classes = classesOf(images.images)
  if (classes.length > 0 && classes.every((name) => name === 'train' || name === 'test')) {
    throw new ConfigError(
      `Expected class folders in ${folder}, received ${classes.join(', ')}. Name the folder of the classes: ${join(folder, 'train')}.`,
    )
  }
  if (classes.length >= minClasses) return images
  throw new ConfigError(
    `Expected ${minClasses} or more class folders with images in ${folder}, received ${classes.join(', ') || 'none'}. Sort the images into one folder for each class.`,
  )
}

/** The test images of a folder. @throws ConfigError when it has images of other classes, or none */
async function openTest(folder: string, classes: readonly string[]): Promise<ImageFolder> {
  await expectOutside(folder)
  const images = await readImageFolder(folder, 'test')
  const labels = classesOf(images.images)
  const unknown = labels.filter((label) => !classes.includes(label))
  if (labels.length > 0 && unknown.length === 0) return images
  throw new ConfigError(
    `Expected test images of ${classes.join(', ')} in ${folder}, received ${unknown.join(', ') || 'none'}. Sort them into folders by class, or name them <label>_<anything>.`,
  )
}

/** @throws ConfigError for a folder inside `data/`, which is replaced, or around the checkout */
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

/** Copies one set; of its manifest only the origins are kept. */
async function copySet(images: ImageFolder, folder: string, set: ManifestSet): Promise<void> {
  await copyImages(images, join(folder, set))
  await writeOrigins(folder, set, await readOrigins(folder))
}
