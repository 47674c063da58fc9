import { realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import type { Params } from '../command-line/params.ts'
import { classesOf } from '../core/csv.ts'
import { ConfigError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { kindOf } from '../fetch/arrange.ts'
import { openKaggle } from '../fetch/kaggle.ts'
import { labelInName } from '../fetch/layout.ts'
import { drawSample } from '../fetch/sample.ts'
import { openThumbnails, type Thumbnails } from '../fetch/thumbnails.ts'
import { groupsOf } from '../split/groups.ts'
import { describeDrawnTestSet, drawTestSet } from './draw-test-set.ts'
import {
  copyImages,
  describeCounts,
  type FolderImage,
  type FolderOptions,
  type ImageFolder,
  type LeftOut,
  pairsAmong,
  readImageFolder,
  summarizeLeftOut,
} from './image-folder.ts'
import type { LabelOptions } from './label-table.ts'
import { describeOutlook } from './outlook.ts'

/** What the command line says of the images. */
export interface Given {
  readonly data?: string | undefined
  readonly test?: string | undefined
  readonly labels?: string | undefined
  readonly 'test-labels'?: string | undefined
  readonly 'path-column'?: string | undefined
  readonly 'label-column'?: string | undefined
  readonly 'no-test'?: boolean | undefined
}

/** Images that are ready to be written. */
export interface Prepared {
  /** Writes them into a folder with the layout of `data/`. */
  readonly fill: (folder: string) => Promise<void>
  /** Lines that describe them. */
  readonly notes: readonly string[]
  readonly leftOut?: readonly LeftOut[]
  /** Lines about what will not work with them. */
  readonly outlook?: readonly string[]
  /** Values of params.yaml that differ from the profile, by path: `fetch.test`. */
  readonly changes?: Readonly<Record<string, unknown>>
}

/** Prepares images. Everything that can be refused is refused here, before the checkout is changed. */
type Prepare = (given: Given, params: Params) => Promise<Prepared>

/** Where the images of each profile come from. */
export const PROFILES: Readonly<Record<string, Prepare>> = {
  sample: prepareSample,
  folder: prepareFolder,
  animals10: prepareKaggle,
}

/** The drawn sample. */
async function prepareSample({ data, test }: Given, { fetch, seed }: Params): Promise<Prepared> {
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
async function prepareFolder(given: Given, params: Params): Promise<Prepared> {
  const { data, test } = given
  if (data === undefined)
    throw new ConfigError('Expected --data DIR with folder, received none. Name the folder of the images.')
  if (test !== undefined && given['no-test']) {
    throw new ConfigError('Expected --test or --no-test, received both. Omit one.')
  }
  if (given['test-labels'] !== undefined && test === undefined) {
    throw new ConfigError('Expected --test DIR with --test-labels, received none. Name the folder of the test images.')
  }
  const { image } = params
  using thumbnails = params.fetch.nearDuplicates ? openThumbnails(tmpdir()) : undefined
  const offer = await openTraining(data, { image, labels: labelsOf(given.labels, given), thumbnails })
  const { train: training = [], test: found = [] } = Object.groupBy(offer.images, ({ set }) => set)
  if (test !== undefined && found.length > 0) {
    throw new ConfigError(
      `Expected one test set, received ${test} and the one in ${data}. Omit --test, or name the training images with --data.`,
    )
  }
  const classes = classesOf(training)
  const table = given['test-labels'] ?? given.labels
  const labels = labelsOf(table, given)
  const testing =
    test === undefined
      ? undefined
      : await openTest(test, { image, classes, labels, isTablePartial: table === given.labels, thumbnails })
  const own = given['no-test'] ? [] : (testing?.images ?? found)
  refuseUnknown(own, classes, test ?? data)
  const { images, notes, outlook } = withTestSet(training, own, {
    ...params,
    thumbnails,
    isDrawn: own.length === 0 && !given['no-test'],
  })
  return {
    fill: (folder) => copyImages(images, folder),
    notes: [
      ...offer.notes,
      ...(testing?.notes ?? []),
      ...(given['no-test'] && found.length > 0 ? [`test images that --no-test leaves out: ${found.length}`] : []),
      ...notes,
    ],
    leftOut: [...offer.leftOut, ...(testing?.leftOut ?? [])],
    outlook,
    changes: { 'report.title': titleOf(data) },
  }
}

/** The images with a test set, one that is drawn from the others where it should be, and lines about it and what will fail. */
function withTestSet(
  training: readonly FolderImage[],
  test: readonly FolderImage[],
  {
    gate,
    seed,
    split,
    thumbnails,
    isDrawn,
  }: Params & { readonly thumbnails: Thumbnails | undefined; readonly isDrawn: boolean },
) {
  const given = [...training, ...test]
  const pairs = pairsAmong(given, thumbnails)
  const groups = groupsOf(training, pairs)
  const images = isDrawn ? drawTestSet(training, { minImages: gate.minTestImages, seed, groups }) : given
  const { train = [], test: testing = [] } = Object.groupBy(images, ({ set }) => set)
  const aboutTest = isDrawn
    ? describeDrawnTestSet(testing)
    : [
        testing.length > 0
          ? `test images: ${describeCounts(testing)}`
          : 'no test images: the gate fails until there are some (--test DIR)',
      ]
  const outlook = describeOutlook(images, { gate, seed, split, groups, pairs })
  return { images, notes: [`training images: ${describeCounts(train)}`, ...aboutTest], outlook }
}

/** The table of labels in a file, with the columns that the command line names. */
export function labelsOf(file: string | undefined, given: Given): LabelOptions | undefined {
  return file === undefined ? undefined : { file, pathColumn: given['path-column'], labelColumn: given['label-column'] }
}

/** A report's title from the folder of the images: `flower_photos/train` gives `Flower photos`. */
export function titleOf(folder: string): string {
  const path = resolve(folder)
  const name = basename(kindOf(basename(path)) === undefined ? path : dirname(path))
  const words = name.replace(/[\p{Cc}_-]+/gu, ' ').trim()
  return words === '' ? 'My images' : `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

/** A data set of Kaggle, downloaded to the cache; the test images are those of a folder, or those that the profile names. */
async function prepareKaggle({ data, test }: Given, { fetch, image }: Params): Promise<Prepared> {
  if (data !== undefined) {
    throw new ConfigError(
      'Expected animals10 without --data, received one. Omit it: the images come from Kaggle. For your own: `npm run use -- folder --data DIR`.',
    )
  }
  if (fetch.source !== 'kaggle') {
    throw new ConfigError(`Expected fetch.source kaggle in its profile, received ${fetch.source}. Restore the profile.`)
  }
  const classes = [...fetch.classes.keys()]
  const testing = test === undefined ? undefined : await openTest(test, { image, classes })
  if (testing) refuseUnknown(testing.images, classes, test ?? '')
  const { fill, notes } = await openKaggle(testing ? { ...fetch, test: null } : fetch, { label: 'use' })
  const published = [...(fetch.test?.sha256.keys() ?? [])].map((name) => ({ label: labelInName(name, classes) ?? '' }))
  return {
    fill: async (folder) => {
      await fill(folder)
      if (testing) await copyImages(testing.images, folder)
    },
    notes: [...notes, `test images: ${describeCounts(testing?.images ?? published)}`],
    leftOut: testing?.leftOut ?? [],
    ...(testing && { changes: { 'fetch.test': null } }),
  }
}

const TABLE = 'or name a table of their labels'

/** The training images of a folder, and the test images in it. @throws ConfigError when it has too few classes */
export async function openTraining(folder: string, options: FolderOptions, minClasses = 2): Promise<ImageFolder> {
  await expectOutside(folder)
  const images = await readImageFolder(folder, options)
  const classes = classesOf(images.images.filter(({ set }) => set === 'train'))
  if (classes.length >= minClasses || (minClasses === 1 && images.images.length > 0)) return images
  const wanted = options.labels
    ? `images of ${minClasses} or more classes`
    : `${minClasses} or more class folders with images`
  const received = `${classes.join(', ') || 'none'}${describeReasons(images)}`
  const sort = `Sort the images into one folder for each class, ${TABLE}: --labels FILE.csv.`
  throw new ConfigError(`Expected ${wanted} in ${folder}, received ${received}. ${remedyFor(images, options, sort)}`)
}

/** What to do if images cannot be placed, other than what was done already. */
function remedyFor({ leftOut }: ImageFolder, { labels }: FolderOptions, sort: string): string {
  if (leftOut.some(({ reason }) => !/^(hidden$|not an image by its name$|no label)/.test(reason)))
    return 'Convert or replace the files that are left out.'
  return labels ? `Correct the paths and labels in ${labels.file}, or name the folder that has its images.` : sort
}

/** The test images of a folder. @throws ConfigError when it has none */
async function openTest(
  folder: string,
  options: FolderOptions & { readonly classes: readonly string[] },
): Promise<ImageFolder> {
  await expectOutside(folder)
  const images = await readImageFolder(folder, { ...options, set: 'test' })
  if (images.images.length > 0) return images
  throw testError(
    folder,
    options.classes,
    `none${describeReasons(images)}`,
    remedyFor(
      images,
      options,
      `Sort them into folders by class, name them <label>_<anything>, ${TABLE}: --test-labels FILE.csv.`,
    ),
  )
}

/** @throws ConfigError for test images of classes that training does not have */
export function refuseUnknown(images: readonly FolderImage[], classes: readonly string[], folder: string): void {
  const unknown = classesOf(images).filter((label) => !classes.includes(label))
  if (unknown.length === 0) return
  throw testError(
    folder,
    classes,
    unknown.join(', '),
    `Correct these labels, or bring training images of them.${caseHint(unknown, classes)}`,
  )
}

function testError(folder: string, classes: readonly string[], received: string, remedy: string): ConfigError {
  return new ConfigError(`Expected test images of ${classes.join(', ')} in ${folder}, received ${received}. ${remedy}`)
}

/** ` Cat differs from cat only in case.`, for classes that are not known. */
export function caseHint(unknown: readonly string[], known: readonly string[]): string {
  return unknown
    .flatMap((label) => {
      const near = known.find((each) => each !== label && each.toLowerCase() === label.toLowerCase())
      return near === undefined ? [] : [` ${label} differs from ${near} only in case.`]
    })
    .join('')
}

function describeReasons({ leftOut, notes }: ImageFolder): string {
  const reasons = leftOut.length > 0 ? [`left out: ${summarizeLeftOut(leftOut)}`, ...notes] : notes
  return reasons.length > 0 ? ` (${reasons.join('; ')})` : ''
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
