import { tmpdir } from 'node:os'
import { basename, dirname, resolve } from 'node:path'
import type { Params } from '../command-line/params.ts'
import { classesOf } from '../core/csv.ts'
import { ConfigError } from '../core/errors.ts'
import { kindOf } from '../fetch/arrange.ts'
import { openKaggle } from '../fetch/kaggle.ts'
import { labelInName } from '../fetch/layout.ts'
import { drawSample } from '../fetch/sample.ts'
import { openThumbnails, type Thumbnails } from '../fetch/thumbnails.ts'
import { groupsOf } from '../split/groups.ts'
import { describeDrawnTestSet, drawTestSet } from './draw-test-set.ts'
import { type Given, labelsOf, openTest, openTraining, refuseUnknown } from './given-folder.ts'
import { copyImages, describeCounts, type FolderImage, type LeftOut, pairsAmong } from './image-folder.ts'
import { describeOutlook } from './outlook.ts'

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
