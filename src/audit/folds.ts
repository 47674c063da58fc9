import { seededRng, shuffled } from '../core/random.ts'

const MOST_FOLDS = 5

/** An image to be put in a fold. */
export interface Foldable {
  readonly id: string
  readonly label: string
}

/**
 * Divides images into folds: at most five, and no more than the smallest class has different images, but two. Each class is
 * spread evenly, and images of one group stay together, so that no image is judged by a head that has seen its copy.
 *
 * @param groups ids of images that show one photograph
 * @returns the fold of each image, from 0, in their order
 */
export function foldsOf(
  images: readonly Foldable[],
  { groups, seed }: { readonly groups: readonly (readonly string[])[]; readonly seed: number },
): number[] {
  const leaders = new Map(groups.flatMap((group) => group.map((id) => [id, group[0] ?? id] as const)))
  const units = [...Map.groupBy(images, ({ id }) => leaders.get(id) ?? id).values()]
  const byLabel = Map.groupBy(units, ([first]) => first?.label ?? '')
  const count = Math.max(2, Math.min(MOST_FOLDS, ...[...byLabel.values()].map(({ length }) => length)))
  const folds = new Map<string, number>()
  let next = 0 // goes on from class to class, so that folds of many small classes are of one size
  for (const [label, ofLabel] of byLabel) {
    for (const unit of shuffled(ofLabel, seededRng(seed, 'audit', label))) {
      for (const { id } of unit) folds.set(id, next % count)
      next++
    }
  }
  return images.map(({ id }) => folds.get(id) ?? 0)
}

/** The fold of a test image: every head judges it, and none is trained on it. */
export const TEST_FOLD = -1

/** The rows that a head is trained on, and those that it judges: its own, and those of the test set. */
export interface Fold {
  readonly training: readonly number[]
  readonly own: readonly number[]
  readonly judged: readonly number[]
}

/** The folds of rows, from the fold of each row. */
export function splitFolds(folds: readonly number[]): Fold[] {
  const rows = [...folds.keys()]
  const test = rows.filter((row) => folds[row] === TEST_FOLD)
  return Array.from({ length: Math.max(...folds) + 1 }, (_, fold) => {
    const own = rows.filter((row) => folds[row] === fold)
    const training = rows.filter((row) => folds[row] !== fold && folds[row] !== TEST_FOLD)
    return { training, own, judged: [...own, ...test] }
  })
}

/** By row what `values` of each fold say of its judged rows; of a row that several folds judge, all of it. */
export function byRow<T>(folds: readonly Fold[], values: readonly (readonly T[])[]): T[][] {
  const found: T[][] = []
  for (const [fold, { judged }] of folds.entries()) {
    for (const [place, row] of judged.entries()) {
      const value = values[fold]?.[place]
      if (value !== undefined) found[row] = [...(found[row] ?? []), value]
    }
  }
  return found
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
