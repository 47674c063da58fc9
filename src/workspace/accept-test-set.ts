import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readArguments } from '../command-line/arguments.ts'
import { writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { exists } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { hashTestSet, readTestSet, type TestImage, writeTestSet } from '../core/test-set.ts'
import { EXCLUDE_COLUMNS, readExclusions } from '../dataset/exclusions.ts'
import { describeFiles, type Remark } from '../dataset/manifest.ts'
import { compareTestSets, testSetOf } from '../dataset/test-set.ts'
import { requireNoDvc } from '../dvc/running.ts'
import { listDataImages } from '../fetch/layout.ts'
import { hashImages } from './image-folder.ts'

const HELP = `usage: npm run accept-test-set

Writes test-set.csv, the frozen test set: the images of data/test/ that
exclude.csv does not name. Lists what changed. Results from then on are results
on another test set.`

/** The command `accept-test-set`. @throws DataError when there are no images, or exclude.csv cannot be read */
export async function acceptTestSetCommand(args: readonly string[]): Promise<string | undefined> {
  if (!readArguments(args, { help: HELP, options: {}, words: 0 })) return undefined
  await requireNoDvc('`npm run accept-test-set`')
  const accepted = await acceptTestSet(paths.data, await readExclusions())
  const { changes } = accepted
  const outcome = changes.length === 0 ? 'as before' : `changes: ${changes.length}${describeFiles(changes)}`
  return `${describeTestSet(accepted)}, ${outcome}`
}

interface AcceptedTestSet {
  readonly images: readonly TestImage[]
  /** SHA-256 of the file. */
  readonly hash: string
  readonly changes: readonly Remark[]
}

/** Writes test-set.csv: the test images in a folder with the layout of `data/` that are not excluded. */
async function acceptTestSet(folder: string, exclusions: readonly Pick<Remark, 'id'>[]): Promise<AcceptedTestSet> {
  const images = await findTestSet(folder, exclusions)
  const before = await readTestSet().catch(() => []) // where it cannot be read, every image is new
  await writeTestSet(images)
  return { images, hash: hashTestSet(images), changes: compareTestSets(before, images) }
}

/** The test images in a folder with the layout of `data/` that are not excluded. @throws DataError when there is no folder */
export async function findTestSet(folder: string, exclusions: readonly Pick<Remark, 'id'>[]): Promise<TestImage[]> {
  if (!(await exists(folder))) {
    throw new DataError(
      `Expected images in ${folder}/, received none. Bring the pinned ones with \`npm run repro -- fetch --force\`; that it reports another test set does not matter.`,
    )
  }
  const images = (await listDataImages(folder)).filter(({ set }) => set === 'test')
  const hashed = await hashImages(folder, images)
  return testSetOf(hashed, exclusions)
}

/** `test-set.csv: 9 images, 0123456789ab` */
function describeTestSet({ images, hash }: Pick<AcceptedTestSet, 'images' | 'hash'>): string {
  return `${paths.testSet}: ${images.length} ${images.length === 1 ? 'image' : 'images'}, ${hash.slice(0, 12)}`
}

/**
 * Writes test-set.csv for new images, and removes the lines of exclude.csv whose images are not among them. An exclude.csv
 * that cannot be read is not changed: split reports what is wrong with it.
 *
 * @param folder has the layout of `data/`
 * @returns lines that describe both
 */
export async function freezeImages(folder: string): Promise<string[]> {
  const listed = (await exists(paths.exclude)) ? await readExclusions().catch(() => undefined) : []
  const { kept = [], removed = [] } = Object.groupBy(listed ?? [], ({ id }) =>
    existsSync(join(folder, id)) ? 'kept' : 'removed',
  )
  if (removed.length > 0 || !(await exists(paths.exclude))) await writeCsv(paths.exclude, EXCLUDE_COLUMNS, kept)
  const accepted = await acceptTestSet(folder, kept)
  const before = accepted.changes.length === 0 ? ' as before' : ''
  return [
    `${describeTestSet(accepted)}${before}: the frozen test set`,
    ...removed.map(({ id, reason }) => `${paths.exclude}: removed ${JSON.stringify(`${id},${reason}`)}`),
  ]
}
