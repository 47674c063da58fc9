import { sortedById } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import type { TestImage } from '../core/test-set.ts'
import { describeFiles, type ManifestRow, type Remark } from './manifest.ts'

/** The test set among some images: those of `test/` that are not excluded, sorted by id. */
export function testSetOf(
  images: readonly Pick<ManifestRow, 'id' | 'sha256' | 'label' | 'set'>[],
  exclusions: readonly Pick<Remark, 'id'>[],
): TestImage[] {
  const excluded = new Set(exclusions.map(({ id }) => id))
  const used = images.filter(({ id, set }) => set === 'test' && !excluded.has(id))
  return sortedById(used).map(({ id, sha256, label }) => ({ id, sha256, label }))
}

/** Every difference between two test sets, sorted by id; an image that was renamed, and so perhaps relabelled, is one. */
export function compareTestSets(before: readonly TestImage[], after: readonly TestImage[]): Remark[] {
  const known = new Map(before.map((image) => [image.id, image]))
  const stayed = after.flatMap((image) => stayedOf(known.get(image.id) ?? image, image))
  const gone = new Map(known)
  for (const { id } of after) gone.delete(id)
  const come = after.flatMap(({ id, sha256, label }): Remark[] => {
    if (known.has(id)) return []
    const old = gone.values().find((image) => image.sha256 === sha256)
    if (old) gone.delete(old.id)
    return [{ id, reason: arrivalOf(label, old) }]
  })
  return sortedById([...stayed, ...come, ...[...gone.keys()].map((id) => ({ id, reason: 'dropped' }))])
}

function arrivalOf(label: string, old: TestImage | undefined): string {
  if (!old) return 'added'
  return old.label === label ? `was ${old.id}` : `relabelled ${old.label} -> ${label} (was ${old.id})`
}

function stayedOf(old: TestImage, image: TestImage): Remark[] {
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
