import { formatCsv, readCsv, writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { exists, sha256 } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { describeFiles } from '../fetch/checks.ts'
import type { Exclusion } from './exclude.ts'
import { type ManifestRow, sortedById } from './manifest.ts'

/** An image of the frozen test set. */
export interface TestImage {
  readonly id: string
  /** Of the file. */
  readonly sha256: string
  readonly label: string
}

const COLUMNS = ['id', 'sha256', 'label'] as const

/** The test set among some images: all of `test/` but those that are excluded, sorted by id. */
export function testSetOf(
  images: readonly Pick<ManifestRow, 'id' | 'sha256' | 'label' | 'set'>[],
  exclusions: readonly Pick<Exclusion, 'id'>[],
): TestImage[] {
  const excluded = new Set(exclusions.map(({ id }) => id))
  const used = images.filter(({ id, set }) => set === 'test' && !excluded.has(id))
  return sortedById(used).map(({ id, sha256, label }) => ({ id, sha256, label }))
}

/** The name of a test set: SHA-256 of test-set.csv as this program writes it, whatever the order or line ends of `images`' file. */
export function hashTestSet(images: readonly TestImage[]): string {
  return sha256(formatCsv(COLUMNS, sortedById(images)))
}

/** The frozen test set. @throws DataError when the file cannot be read or a line is incomplete. */
export async function readTestSet(path: string = paths.testSet): Promise<TestImage[]> {
  if (!(await exists(path))) {
    throw new DataError(
      `Expected the frozen test set in ${path}, received none. Freeze that of ${paths.data}/test/: \`npm run accept-test-set\`.`,
    )
  }
  const rows = await readCsv(path, COLUMNS)
  const bad = rows.find(({ id, label, sha256 }) => !id || !label || !/^[0-9a-f]{64}$/.test(sha256))
  if (!bad) return rows
  throw new DataError(
    `Expected ${COLUMNS.join(', ')} in each line of ${path}, received ${Object.values(bad).join(',')}. Restore the file from git, or run \`npm run accept-test-set\`.`,
  )
}

/** Writes the canonical file. */
export async function writeTestSet(images: readonly TestImage[], path: string = paths.testSet): Promise<void> {
  await writeCsv(path, COLUMNS, sortedById(images))
}

/** What became of an image of the test set. */
export interface TestSetChange {
  readonly id: string
  readonly reason: string
}

/** Every difference between two test sets, sorted by id; an image that moved, and so perhaps got another label, is one. */
export function compareTestSets(before: readonly TestImage[], after: readonly TestImage[]): TestSetChange[] {
  const [oldById, newById] = [byId(before), byId(after)]
  const gone = before.filter(({ id }) => !newById.has(id))
  const come = after.filter(({ id }) => !oldById.has(id))
  const moved = new Map<string, TestImage>() // by the id that it has now
  for (const image of come) {
    const taken = new Set([...moved.values()].map(({ id }) => id))
    const old = gone.find(({ id, sha256 }) => sha256 === image.sha256 && !taken.has(id))
    if (old) moved.set(image.id, old)
  }
  const movedIds = new Set([...moved.values()].map(({ id }) => id))
  return sortedById([
    ...gone.filter(({ id }) => !movedIds.has(id)).map(({ id }) => ({ id, reason: 'dropped' })),
    ...come.map(({ id, label }) => ({ id, reason: arrivalOf(label, moved.get(id)) })),
    ...after.flatMap((image) => {
      const old = oldById.get(image.id)
      return old ? stayedOf(old, image) : []
    }),
  ])
}

function arrivalOf(label: string, old: TestImage | undefined): string {
  if (!old) return 'added'
  return old.label === label ? `was ${old.id}` : `relabelled ${old.label} -> ${label} (was ${old.id})`
}

function stayedOf(old: TestImage, image: TestImage): TestSetChange[] {
  const { id } = image
  return [
    ...(old.sha256 === image.sha256 ? [] : [{ id, reason: 'changed: another image' }]),
    ...(old.label === image.label ? [] : [{ id, reason: `relabelled ${old.label} -> ${image.label}` }]),
  ]
}

/** @throws DataError with the list when the images are not those of the frozen test set. */
export function checkTestSet(frozen: readonly TestImage[], found: readonly TestImage[]): void {
  const changes = compareTestSets(frozen, found)
  if (changes.length === 0) return
  throw new DataError(
    `Expected the test set of ${paths.testSet}, received one with ${changes.length === 1 ? 'a change' : `${changes.length} changes`}. Restore the images, or take the new set: \`npm run accept-test-set\`.${describeFiles(changes)}`,
  )
}

function byId(images: readonly TestImage[]): Map<string, TestImage> {
  return new Map(images.map((image) => [image.id, image]))
}
