import { chosenOf } from '../gate/gate.ts'
import type { GateParams } from '../gate/params.ts'
import { type Comparison, type Counts, compareAnswers, mcnemar, mcnemarPower } from '../scores/compare.ts'
import { lowerBound, midPInterval } from '../scores/interval.ts'
import type { Answer } from '../scores/predictions.ts'
import { metricsOf } from '../scores/results.ts'
import { isSnapshot, type NoSnapshot, type Snapshot } from './snapshot.ts'

/** The head's chosen model compared with the base's. */
export type Regression =
  | { readonly kind: 'no base'; readonly reason: string }
  | ({
      /** `too few`: fewer shared images than `gate.regression.minImages`. */
      readonly kind: 'too few' | 'no worse' | FailedComparison
    } & ModelComparison)

/** `maybe worse`: worse by `gate.regression.margin` cannot be excluded. */
type FailedComparison = 'worse' | 'maybe worse'

export interface ModelComparison {
  /** Chosen configuration of the base. */
  readonly before: string
  /** Chosen configuration of the head. */
  readonly after: string
  readonly comparison: Comparison
  readonly difference: ReturnType<typeof pairedDifference>
}

/**
 * Compares the chosen models image by image, on the holdout and test images that both commits have; validation chose the
 * configuration, so its accuracy is optimistic.
 *
 * Worse means: more images newly wrong than fixed, and p below alpha. With a margin, a model that may be worse by that much fails too.
 */
export function judgeRegression(
  base: Snapshot | NoSnapshot,
  head: Snapshot,
  { alpha, minImages, margin }: GateParams['regression'],
): Regression {
  if (!isSnapshot(base)) return { kind: 'no base', reason: base.reason }
  const before = chosenOf(metricsOf(base.scored))
  const after = chosenOf(metricsOf(head.scored))
  if (before === undefined) return { kind: 'no base', reason: 'it has no configuration with a validation accuracy' }
  if (after === undefined) return { kind: 'no base', reason: 'the head has no chosen configuration to compare with it' }
  const comparison = compareAnswers(unseenAnswers(base, before), unseenAnswers(head, after))
  const { images } = comparison
  if (images === 0) {
    return { kind: 'no base', reason: 'the head has none of its holdout and test images with the same label' }
  }
  const { counts } = comparison
  const difference = pairedDifference(counts)
  const isWorse = counts.broken > counts.fixed && difference.p < alpha
  const isUnclear = margin !== undefined && leastDifference(counts, alpha) <= -margin
  const kind = counts.images < minImages ? 'too few' : isWorse ? 'worse' : isUnclear ? 'maybe worse' : 'no worse'
  return { kind, before, after, comparison, difference }
}

/**
 * Difference of two accuracies from the numbers of images that were fixed, are newly wrong, and were compared, where near
 * duplicates, which models find right or wrong together, count as one image.
 *
 * The interval is the mid-p one of the share that was fixed, given the number of images on which the models disagree. It excludes 0
 * exactly when p < 0.05.
 */
export function pairedDifference({ fixed, broken, images }: Counts) {
  const disagreeing = fixed + broken
  const share = midPInterval(fixed, disagreeing)
  const ofImages = (fraction: number) => (disagreeing === 0 ? 0 : ((2 * fraction - 1) * disagreeing) / images)
  return {
    /** Accuracy of the second minus that of the first, in [-1, 1]. */
    difference: disagreeing === 0 ? 0 : (fixed - broken) / images,
    /** 95 % interval of the difference. */
    interval: { low: ofImages(share.low), high: ofImages(share.high) },
    /** McNemar's two-sided mid-p. */
    p: mcnemar(fixed, broken),
  }
}

/**
 * The lower bound of the difference of two accuracies, which holds in at least 1 - alpha of all cases: the exact bounds of the share
 * that is fixed and of the share that is newly wrong (Clopper and Pearson), each at alpha / 2 (Bonferroni).
 */
export function leastDifference({ fixed, broken, images }: Counts, alpha: number): number {
  const confidence = 1 - alpha / 2
  return lowerBound(fixed, images, confidence) - (1 - lowerBound(images - broken, images, confidence))
}

export function isFailed({ kind }: Regression): boolean {
  return kind === 'worse' || kind === 'maybe worse'
}

/** In points. */
const FALL = 5
const OFTEN = 0.8

/**
 * How often the comparison finds a fall in accuracy, if the same share of images is fixed by chance as here: `it finds a fall of
 * 5 points in 62 of 100 cases, and one of 7 points in 83`.
 */
export function describePower({ comparison }: ModelComparison, alpha: number): string {
  const { fixed, images } = comparison.counts
  const casesOf = (points: number) =>
    Math.round(100 * mcnemarPower({ images, fall: points / 100, fixed: fixed / images, alpha }))
  const cases = casesOf(FALL)
  const first = `it finds a fall of ${FALL} points in ${cases} of 100 cases`
  if (cases >= 100 * OFTEN) return first
  for (let points = FALL + 1; points <= 100; points++) {
    const found = casesOf(points)
    if (found >= 100 * OFTEN) return `${first}, and one of ${points} points in ${found}`
  }
  return first
}

/** Holdout and test. */
function unseenAnswers({ scored }: Snapshot, name: string): Answer[] {
  return scored[name]?.predictions.filter(({ part }) => part !== 'validation') ?? []
}
