import { sortedById } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import type { TestImage } from '../core/test-set.ts'
import type { Exclusion } from './exclusions.ts'
import { describeFiles, type ManifestRow } from './manifest.ts'

/** The test set among some images: those of `test/` that are not excluded, sorted by id. */
export function testSetOf(
  images: readonly Pick<ManifestRow, 'id' | 'sha256' | 'label' | 'set'>[],
  exclusions: readonly Pick<Exclusion, 'id'>[],
): TestImage[] {
  const excluded = new Set(exclusions.map(({ id }) => id))
  const used = images.filter(({ id, set }) => set === 'test' && !excluded.has(id))
  return sortedById(used).map(({ id, sha256, label }) => ({ id, sha256, label }))
}

/** A difference between two test sets. */
export interface TestSetChange {
  readonly id: string
  readonly reason: string
}

/** Every difference between two test sets, sorted by id; an image that was renamed, and so perhaps relabelled, is one. */
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

/** @throws DataError with the differences when the images are not those of the frozen test set */
export function checkTestSet(frozen: readonly TestImage[], found: readonly TestImage[]): void {
  const changes = compareTestSets(frozen, found)
  if (changes.length === 0) return
  throw new DataError(
    `Expected the test set of ${paths.testSet}, received one with ${changes.length === 1 ? 'a change' : `${changes.length} changes`}. Restore the images, or accept the new set with \`npm run accept-test-set\`.${describeFiles(changes)}`,
  )
}

function byId(images: readonly TestImage[]): Map<string, TestImage> {
  return new Map(images.map((image) => [image.id, image]))
}
