import { sortedById } from '../core/csv.ts'
import { binomialTail } from './interval.ts'
import { type Answer, isWrong } from './predictions.ts'

/** An image that two models classified, with both predictions. */
export interface ComparedImage {
  readonly id: string
  readonly label: string
  readonly before: string
  readonly after: string
}

export interface Comparison {
  /** Images that both classified and whose label is the same in both. */
  readonly images: number
  /** Images that the first got wrong and the second gets right, by id. */
  readonly fixed: readonly ComparedImage[]
  /** Images that the first got right and the second gets wrong, by id. */
  readonly broken: readonly ComparedImage[]
  /** Ids of images whose label differs between the two; they are left out. */
  readonly relabelled: readonly string[]
}

/**
 * Compares two models image by image.
 *
 * Answers exist only for images that a model was not trained on, so neither model was trained on the images compared here.
 * Images are matched by id: a file replaced under the same name counts as the same image.
 */
export function compareAnswers(first: readonly Answer[], second: readonly Answer[]): Comparison {
  const before = new Map(first.map((answer) => [answer.id, answer]))
  const pairs = sortedById(second).flatMap((after) => {
    const earlier = before.get(after.id)
    return earlier ? [{ before: earlier, after }] : []
  })
  const same = pairs.filter((pair) => pair.before.label === pair.after.label)
  const changed = same
    .filter((pair) => isWrong(pair.before) !== isWrong(pair.after))
    .map((pair) => ({
      id: pair.after.id,
      label: pair.after.label,
      before: pair.before.prediction,
      after: pair.after.prediction,
    }))
  return {
    images: same.length,
    fixed: changed.filter(({ label, after }) => label === after),
    broken: changed.filter(({ label, before }) => label === before),
    relabelled: pairs.filter((pair) => pair.before.label !== pair.after.label).map(({ after }) => after.id),
  }
}

/**
 * The exact two-sided p-value of McNemar's test: the probability that two equally good models differ at least this much by
 * chance, given that they differ on `fixed + broken` images. 1 where they never differ.
 *
 * Twice the binomial tail of the smaller count with probability 1/2, at most 1.
 * Source: https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.binomtest.html
 */
export function mcnemar(fixed: number, broken: number): number {
  return Math.min(1, 2 * binomialTail(Math.max(fixed, broken), fixed + broken, 0.5))
}
