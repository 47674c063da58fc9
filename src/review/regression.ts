import { chosenOf } from '../gate/gate.ts'
import type { GateParams } from '../gate/params.ts'
import { type Comparison, compareAnswers, mcnemar } from '../scores/compare.ts'
import { clopperPearson } from '../scores/interval.ts'
import type { Answer } from '../scores/predictions.ts'
import { metricsOf } from '../scores/results.ts'
import { isSnapshot, type NoSnapshot, type Snapshot } from './snapshot.ts'

/** The head's chosen model compared with the base's. Only `worse` fails. */
export type Regression =
  | { readonly kind: 'no base'; readonly reason: string }
  | ({
      /** `too few`: fewer shared images than `gate.regression.minImages`. */
      readonly kind: 'too few' | 'no worse' | 'worse'
    } & ModelComparison)

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
 * Worse means: more images newly wrong than fixed, and p below alpha.
 */
export function judgeRegression(
  base: Snapshot | NoSnapshot,
  head: Snapshot,
  { alpha, minImages }: GateParams['regression'],
): Regression {
  if (!isSnapshot(base)) return { kind: 'no base', reason: base.reason }
  const before = chosenOf(metricsOf(base.scored))
  const after = chosenOf(metricsOf(head.scored))
  if (before === undefined) return { kind: 'no base', reason: 'it has no configuration with a validation accuracy' }
  if (after === undefined) return { kind: 'no base', reason: 'the head has no chosen configuration to compare with it' }
  const comparison = compareAnswers(unseenAnswers(base, before), unseenAnswers(head, after))
  const { fixed, broken, images } = comparison
  const difference = pairedDifference(fixed.length, broken.length, images)
  const isWorse = broken.length > fixed.length && difference.p < alpha
  const kind = images < minImages ? 'too few' : isWorse ? 'worse' : 'no worse'
  return { kind, before, after, comparison, difference }
}

/**
 * Difference of two accuracies from the numbers of images that were fixed, are newly wrong, and were compared.
 *
 * The interval is exact given the number of images on which the models disagree: Clopper and Pearson's for the share that was fixed.
 * It excludes 0 exactly when p < 0.05.
 */
export function pairedDifference(fixed: number, broken: number, images: number) {
  const disagreeing = fixed + broken
  const share = clopperPearson(fixed, disagreeing)
  const ofImages = (fraction: number) => (disagreeing === 0 ? 0 : ((2 * fraction - 1) * disagreeing) / images)
  return {
    /** Accuracy of the second minus that of the first, in [-1, 1]. */
    difference: disagreeing === 0 ? 0 : (fixed - broken) / images,
    /** 95 % interval of the difference. */
    interval: { low: ofImages(share.low), high: ofImages(share.high) },
    /** McNemar's exact two-sided p. */
    p: mcnemar(fixed, broken),
  }
}

/** Holdout and test. */
function unseenAnswers({ scored }: Snapshot, name: string): Answer[] {
  return scored[name]?.predictions.filter(({ part }) => part !== 'validation') ?? []
}
