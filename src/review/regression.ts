import { rankConfigurations } from '../gate/gate.ts'
import type { GateParams } from '../gate/params.ts'
import { type Comparison, compareAnswers } from '../scores/compare.ts'
import type { Answer } from '../scores/predictions.ts'
import { type PairedDifference, pairedDifference } from './paired-difference.ts'
import { isSnapshot, type NoSnapshot, type Snapshot } from './snapshot.ts'

/** The chosen model beside the base's. */
export type Regression =
  /** There is nothing to compare with: it passes. */
  | { readonly kind: 'no base'; readonly reason: string }
  | ({
      /** `too few`: fewer common images than `gate.regression.minImages`, which says nothing, so it passes. */
      readonly kind: 'too few' | 'no worse' | 'worse'
    } & Compared)

export interface Compared {
  /** The chosen configuration of the base, and of the head. */
  readonly before: string
  readonly after: string
  readonly comparison: Comparison
  readonly difference: PairedDifference
  /** An image of the comparison as both took it, by its id. */
  readonly images: Readonly<Record<string, ComparedImage>>
}

export interface ComparedImage {
  readonly label: string
  readonly before: string
  readonly after: string
}

/**
 * Compares the model that the head chose with the base's, image by image, on images that both have and that neither was trained
 * on or chosen by: holdout and test.
 *
 * Worse is: more images newly wrong than fixed, and McNemar's exact two-sided p below alpha.
 */
export function judgeRegression(
  base: Snapshot | NoSnapshot,
  head: Snapshot,
  { alpha, minImages }: GateParams['regression'],
): Regression {
  if (!isSnapshot(base)) return { kind: 'no base', reason: base.reason }
  const before = chosenOf(base)
  const after = chosenOf(head)
  if (before === undefined) return { kind: 'no base', reason: 'it has no configuration with a validation accuracy' }
  if (after === undefined) return { kind: 'no base', reason: 'there is no chosen configuration to compare with it' }
  const [first, second] = [unseen(base, before), unseen(head, after)]
  const comparison = compareAnswers(first, second)
  const { fixed, broken } = comparison
  const difference = pairedDifference(fixed.length, broken.length, comparison.images)
  const isWorse = broken.length > fixed.length && difference.p < alpha
  const kind = comparison.images < minImages ? 'too few' : isWorse ? 'worse' : 'no worse'
  return { kind, before, after, comparison, difference, images: partedImages(comparison, first, second) }
}

/** The configuration that the gate judges; none where no configuration has a validation accuracy. */
export function chosenOf({ metrics }: Pick<Snapshot, 'metrics'>): string | undefined {
  const [best] = rankConfigurations(metrics)
  return best !== undefined && (metrics[best]?.validation.accuracy ?? Number.NaN) >= 0 ? best : undefined
}

/** Validation chose the epoch and the configuration, so that it flatters whoever had more to choose from. */
function unseen({ answers }: Snapshot, name: string): Answer[] {
  const own = Object.hasOwn(answers, name) ? (answers[name] ?? []) : []
  return own.filter(({ part }) => part !== 'validation')
}

function partedImages(
  { fixed, broken }: Comparison,
  first: readonly Answer[],
  second: readonly Answer[],
): Record<string, ComparedImage> {
  const parted = new Set([...fixed, ...broken])
  const before = new Map(first.map(({ id, prediction }) => [id, prediction]))
  const entries = second
    .filter(({ id }) => parted.has(id))
    .map(({ id, label, prediction }) => [id, { label, before: before.get(id) ?? '', after: prediction }] as const)
  return Object.fromEntries(entries)
}
