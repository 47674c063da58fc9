import { join } from 'node:path'
import pMap from 'p-map'
import { readArguments } from '../command-line/arguments.ts'
import { DataError } from '../core/errors.ts'
import { exists, readSha256 } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { hashTestSet, readTestSet, type TestImage, writeTestSet } from '../core/test-set.ts'
import { type Exclusion, readExclusions } from '../dataset/exclude.ts'
import { compareTestSets, type TestSetChange, testSetOf } from '../dataset/test-set.ts'
import { describeFiles } from '../fetch/checks.ts'
import { placeOf } from '../fetch/place.ts'
import { listDataFiles } from '../fetch/scan.ts'

const HELP = `usage: npm run accept-test-set

Writes test-set.csv, the frozen test set, from data/test/ without what exclude.csv names, and says what changed. Every result
from then on is one of another test set.`

const HASHES_AT_ONCE = 8

/** The command `accept-test-set`. @throws DataError when there are no images, or exclude.csv cannot be read. */
export async function acceptTestSetCommand(args: readonly string[]): Promise<string | undefined> {
  if (!readArguments(args, { help: HELP, options: {}, words: 0 })) return undefined
  const accepted = await acceptTestSet(paths.data, await readExclusions())
  const { changes } = accepted
  const what = changes.length === 0 ? 'as before' : `changes: ${changes.length}${describeFiles(changes)}`
  return `${describeTestSet(accepted)}, ${what}`
}

/** What became of the frozen test set. */
export interface AcceptedTestSet {
  readonly images: readonly TestImage[]
  /** SHA-256 of the file. */
  readonly hash: string
  readonly changes: readonly TestSetChange[]
}

/** The test set of a folder with the layout of `data/`, without what is excluded. @throws DataError when there is no folder. */
export async function findTestSet(folder: string, exclusions: readonly Pick<Exclusion, 'id'>[]): Promise<TestImage[]> {
  if (!(await exists(folder))) {
    throw new DataError(
      `Expected images in ${folder}/, received none. Bring the pinned ones with \`npm run repro -- fetch --force\`, whatever it says of the test set.`,
    )
  }
  const files = (await listDataFiles(folder)).filter(({ entry }) => entry.isFile())
  const places = files.flatMap(({ id }) => {
    const place = placeOf(id)
    return typeof place === 'string' || place.set !== 'test' ? [] : [{ id, ...place }]
  })
  const hashed = await pMap(places, async (each) => ({ ...each, sha256: await readSha256(join(folder, each.id)) }), {
    concurrency: HASHES_AT_ONCE,
  })
  return testSetOf(hashed, exclusions)
}

/** Freezes the test set that a folder with the layout of `data/` holds, without what is excluded. */
export async function acceptTestSet(
  folder: string,
  exclusions: readonly Pick<Exclusion, 'id'>[],
): Promise<AcceptedTestSet> {
  const images = await findTestSet(folder, exclusions)
  const before = await readTestSet().catch(() => []) // none, or none that can be read: all is new
  await writeTestSet(images)
  return { images, hash: hashTestSet(images), changes: compareTestSets(before, images) }
}

/** `test-set.csv: 9 images, 0123456789ab` */
export function describeTestSet({ images, hash }: Pick<AcceptedTestSet, 'images' | 'hash'>): string {
  return `${paths.testSet}: ${images.length} ${images.length === 1 ? 'image' : 'images'}, ${hash.slice(0, 12)}`
}
