import { join } from 'node:path'
import pMap from 'p-map'
import { readArguments } from '../config/arguments.ts'
import { DataError } from '../core/errors.ts'
import { exists, readSha256 } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { describeFiles } from './checks.ts'
import { type Exclusion, readExclusions } from './exclude.ts'
import { placeOf } from './place.ts'
import { listDataFiles } from './scan.ts'
import {
  compareTestSets,
  hashTestSet,
  readTestSet,
  type TestPicture,
  type TestSetChange,
  testSetOf,
  writeTestSet,
} from './test-set.ts'

const HELP = `usage: npm run accept-test-set

Writes test-set.csv, the frozen test set, from data/test/ without what exclude.csv names, and says what changed. Every result
from then on is one of another test set.`

const HASHES_AT_ONCE = 8

/** The command `accept-test-set`. @throws DataError when there are no pictures, or exclude.csv cannot be read. */
export async function acceptTestSetCommand(args: readonly string[]): Promise<string | undefined> {
  if (!readArguments(args, { help: HELP, options: {}, words: 0 })) return undefined
  const accepted = await acceptTestSet(paths.data, await readExclusions())
  const { changes } = accepted
  const what = changes.length === 0 ? 'as before' : `changes: ${changes.length}${describeFiles(changes)}`
  return `${describeTestSet(accepted)}, ${what}`
}

/** What became of the frozen test set. */
export interface AcceptedTestSet {
  readonly pictures: readonly TestPicture[]
  /** SHA-256 of the file. */
  readonly hash: string
  readonly changes: readonly TestSetChange[]
}

/** The test set of a folder with the layout of `data/`, without what is excluded. @throws DataError when there is no folder. */
export async function findTestSet(
  folder: string,
  exclusions: readonly Pick<Exclusion, 'id'>[],
): Promise<TestPicture[]> {
  if (!(await exists(folder))) {
    throw new DataError(
      `Expected pictures in ${folder}/, received none. Bring the pinned ones with \`npm run repro -- fetch --force\`, whatever it says of the test set.`,
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
  const pictures = await findTestSet(folder, exclusions)
  const before = await readTestSet().catch(() => []) // none, or none that can be read: all is new
  await writeTestSet(pictures)
  return { pictures, hash: hashTestSet(pictures), changes: compareTestSets(before, pictures) }
}

/** `test-set.csv: 9 pictures, 0123456789ab` */
export function describeTestSet({ pictures, hash }: Pick<AcceptedTestSet, 'pictures' | 'hash'>): string {
  return `${paths.testSet}: ${pictures.length} ${pictures.length === 1 ? 'picture' : 'pictures'}, ${hash.slice(0, 12)}`
}
