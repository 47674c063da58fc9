import type { TrainParams } from './params.ts'

/**
 * How much an example of each class counts; null: all alike.
 *
 * `balanced` is n / (k · n_c), so that each class counts as much as any other and the mean weight is 1.
 * Source: sklearn.utils.class_weight.compute_class_weight.
 *
 * @param labels the class of each training image, places in the list of classes; none of the classes is without
 */
export function classWeightsOf(
  kind: TrainParams['classWeights'],
  labels: ArrayLike<number>,
  classCount: number,
): number[] | null {
  if (kind === 'none') return null
  return countLabels(labels, classCount).map((count) => labels.length / (classCount * count))
}

/** How often each class is there, in their order. */
export function countLabels(labels: ArrayLike<number>, classCount: number): number[] {
  const counts = new Array<number>(classCount).fill(0)
  for (const label of Array.from(labels)) counts[label] = (counts[label] ?? 0) + 1
  return counts
}
