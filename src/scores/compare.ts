import { binomialTail } from './interval.ts'
import { type Answer, isWrong } from './predictions.ts'

/** Two models on the same images. */
export interface Comparison {
  /** Images that both classified and whose label is the same in both. */
  readonly images: number
  /** Ids of images that the first got wrong and the second gets right, by code unit. */
  readonly fixed: readonly string[]
  /** Ids of images that the first got right and the second gets wrong. */
  readonly broken: readonly string[]
  /** Ids of images whose label differs between the two; they are left out. */
  readonly relabelled: readonly string[]
  /** The exact two-sided p-value of McNemar's test. */
  readonly p: number
}

/**
 * Compares two models image by image.
 *
 * Answers exist only for images that a model was not trained on, so neither model was trained on the images compared here.
 * Images are matched by id: a file replaced under the same name counts as the same image.
 */
export function compareAnswers(first: readonly Answer[], second: readonly Answer[]): Comparison {
  const before = new Map(first.map((answer) => [answer.id, answer]))
  const pairs = second.flatMap((after) => {
    const earlier = before.get(after.id)
    return earlier ? [{ id: after.id, before: earlier, after }] : []
  })
  const same = pairs.filter((pair) => pair.before.label === pair.after.label)
  const ids = (chosen: typeof pairs): string[] => chosen.map(({ id }) => id).sort()
  const fixed = ids(same.filter((pair) => isWrong(pair.before) && !isWrong(pair.after)))
  const broken = ids(same.filter((pair) => !isWrong(pair.before) && isWrong(pair.after)))
  const relabelled = ids(pairs.filter((pair) => pair.before.label !== pair.after.label))
  return { images: same.length, fixed, broken, relabelled, p: mcnemar(fixed.length, broken.length) }
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
