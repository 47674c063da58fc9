import type { ConfusionMatrix } from '../scores/confusion.ts'

/** The page has a matrix of up to this many classes; of more, it lists what is confused most often. */
export const MATRIX_CLASSES = 60

/** A cell of a confusion matrix; label and predicted class are places in the list of classes. */
type ConfusionCell = readonly [actual: number, predicted: number, count: number]

/** The cells that are not 0, row by row. */
export function cellsOf({ counts }: ConfusionMatrix): ConfusionCell[] {
  return counts.flatMap((row, actual) =>
    row.flatMap((count, predicted) => (count > 0 ? [[actual, predicted, count] as const] : [])),
  )
}

/** The cells of wrong predictions, the most frequent first. */
export function confusionsOf(cells: readonly ConfusionCell[]): ConfusionCell[] {
  return cells.filter(([actual, predicted]) => actual !== predicted).sort(([, , fewer], [, , more]) => more - fewer)
}
