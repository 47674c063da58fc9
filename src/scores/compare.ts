import { sortedById } from '../core/csv.ts'
import { binomialChance, binomialTail, midTail } from './interval.ts'
import { type Answer, isWrong } from './predictions.ts'

/** An image that two models classified, with both predictions. */
export interface ComparedImage {
  readonly id: string
  readonly label: string
  readonly before: string
  readonly after: string
}

export interface Counts {
  readonly images: number
  readonly fixed: number
  readonly broken: number
}

export interface Comparison {
  /** Images that both classified and whose label is the same in both. */
  readonly images: number
  /** Images that the first got wrong and the second gets right, by id. */
  readonly fixed: readonly ComparedImage[]
  /** Images that the first got right and the second gets wrong, by id. */
  readonly broken: readonly ComparedImage[]
  /** The numbers of these images, each group of near duplicates counted as one: fixed where more of it are fixed than broken. */
  readonly counts: Counts
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
  const balances = [...Map.groupBy(same, ({ after }) => after.group ?? `image ${after.id}`).values()].map((group) =>
    Math.sign(
      group.reduce((balance, { before, after }) => balance + Number(isWrong(before)) - Number(isWrong(after)), 0),
    ),
  )
  return {
    images: same.length,
    counts: {
      images: balances.length,
      fixed: balances.filter((balance) => balance > 0).length,
      broken: balances.filter((balance) => balance < 0).length,
    },
    fixed: changed.filter(({ label, after }) => label === after),
    broken: changed.filter(({ label, before }) => label === before),
    relabelled: pairs.filter((pair) => pair.before.label !== pair.after.label).map(({ after }) => after.id),
  }
}

/**
 * The two-sided mid-p-value of McNemar's test: how probable it is that two equally good models differ at least this much, given
 * that they differ on `fixed + broken` images; this very difference counts half, without which the test is too conservative. 1 where
 * they never differ.
 *
 * Source: Fagerland, Lydersen and Laake, https://doi.org/10.1186/1471-2288-13-91
 */
export function mcnemar(fixed: number, broken: number): number {
  return Math.min(1, 2 * midTail(Math.max(fixed, broken), fixed + broken, 0.5))
}

/**
 * The power of McNemar's test: how often it finds a worse model, with more images broken than fixed and p below `alpha`.
 *
 * @param fall how much lower its accuracy is, in [0, 1]; `fixed` is the share of images that it fixes all the same
 */
export function mcnemarPower({
  images,
  fall,
  fixed,
  alpha,
}: {
  readonly images: number
  readonly fall: number
  readonly fixed: number
  readonly alpha: number
}): number {
  const broken = Math.min(fall + fixed, 1 - fixed)
  let power = 0
  let least = 1 // broken images of `differing` that are significant; it never falls as these grow
  for (let differing = 1; differing <= images; differing++) {
    const chance = binomialChance(differing, images, broken + fixed)
    if (chance < NEGLIGIBLE) continue
    while (least <= differing && !(2 * least > differing && mcnemar(differing - least, least) < alpha)) least++
    power += chance * binomialTail(least, differing, broken / (broken + fixed))
  }
  return power
}

const NEGLIGIBLE = 1e-12

/**
 * p-values of several comparisons, in the same order, corrected so that all together find a difference where there is none as
 * rarely as a single one would. Source: Holm, https://www.jstor.org/stable/4615733
 */
export function holm(pValues: readonly number[]): number[] {
  const ascending = [...pValues.entries()].sort(([, a], [, b]) => a - b)
  const adjusted = [...pValues]
  let largest = 0
  for (const [rank, [place, p]] of ascending.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * p))
    adjusted[place] = largest
  }
  return adjusted
}
