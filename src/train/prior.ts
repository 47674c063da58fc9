import type { HistoryRow } from '../scores/history.ts'
import { classWeightsOf, countLabels } from './class-weights.ts'
import type { TrainParams } from './params.ts'

/** What a network reaches in training that looks at no image. */
export interface ClassPrior {
  /**
   * The least mean loss, in nats, of the same answer to every image: the entropy of the class shares for a plain
   * cross-entropy, and what class weights, label smoothing and the focal loss make of it.
   */
  readonly loss: number
  /** The share of the commonest class. */
  readonly accuracy: number
  /** The images of an epoch. */
  readonly images: number
}

/** What of `train` the loss of guessing depends on. */
export type PriorParams = Pick<TrainParams, 'loss' | 'labelSmoothing' | 'focalGamma' | 'focalAlpha' | 'classWeights'>

/** Before the end of this epoch (from 1) no training is judged. */
const FIRST_JUDGED_EPOCH = 3
/** A loss that is lower by this share is lower. */
const LEAST_GAIN = 0.01
/** An accuracy that is higher by so many standard errors is higher. */
const STANDARD_ERRORS = 2

/**
 * Whether an epoch from the third on is no better than guessing: its training loss is not 1 % below that of the best guess,
 * and its training accuracy is not two standard errors above the share of the commonest class. NaN is no better.
 *
 * Both are of the loss and the images that the network is trained with; L2 is added to the loss, so that the accuracy
 * alone speaks for a network with much of it.
 */
export function isCollapsed({ epoch, loss, accuracy }: HistoryScores, prior: ClassPrior): boolean {
  const standardError = Math.sqrt((prior.accuracy * (1 - prior.accuracy)) / prior.images)
  const isLower = loss < (1 - LEAST_GAIN) * prior.loss
  const isHigher = accuracy > prior.accuracy + STANDARD_ERRORS * standardError
  return epoch >= FIRST_JUDGED_EPOCH && !isLower && !isHigher
}

type HistoryScores = Pick<HistoryRow, 'epoch' | 'loss' | 'accuracy'>

/**
 * The prior of the images of an epoch, each shown once.
 *
 * @param labels the class of each, places in the list of classes; none of the classes is without
 */
export function classPrior(labels: ArrayLike<number>, classCount: number, params: PriorParams): ClassPrior {
  const shares = countLabels(labels, classCount).map((count) => count / labels.length)
  const weights = classWeightsOf(params.classWeights, labels, classCount)
  const weighted = shares.map((share, place) => share * (weights?.[place] ?? 1))
  const spread = (params.labelSmoothing * sum(weighted)) / classCount
  const targets = weighted.map((share) => (1 - params.labelSmoothing) * share + spread)
  const loss = params.loss === 'focal' ? leastFocalLoss(targets, params) : leastCrossEntropy(targets)
  return { loss, accuracy: Math.max(...shares), images: labels.length }
}

/** What to tell a person about a training that is no better than guessing. */
export function describeCollapse(config: string, { epoch, loss, accuracy }: HistoryRow, prior: ClassPrior): string {
  const shown = (value: number) => value.toFixed(3)
  return `collapsed to the class prior: after epoch ${epoch}, training loss ${shown(loss)} and accuracy ${shown(accuracy)} are no better than guessing by the class shares (${shown(prior.loss)}, ${shown(prior.accuracy)}). Run npm run check-data -- --config ${config}, and try another train.learningRate.`
}

/** The least of Σ targetₖ (−log pₖ) over all p that sum to 1, which is at p in proportion to the targets. */
function leastCrossEntropy(targets: readonly number[]): number {
  const total = sum(targets)
  return -sum(targets.map((target) => (target > 0 ? target * Math.log(target / total) : 0)))
}

/**
 * The least of Σ targetₖ α (1 − pₖ)^γ (−log pₖ) over all p that sum to 1.
 *
 * There all terms have the same slope (Lagrange); the steeper it is, the less the p sum to, so it is found by bisection.
 */
function leastFocalLoss(
  targets: readonly number[],
  { focalGamma: gamma, focalAlpha: alpha }: Pick<PriorParams, 'focalGamma' | 'focalAlpha'>,
): number {
  const term = (p: number) => (1 - p) ** gamma * -Math.log(p)
  const steepness = (p: number) => gamma * (1 - p) ** (gamma - 1) * -Math.log(p) + (1 - p) ** gamma / p
  const probabilityAt = (target: number, slope: number) =>
    Math.exp(bisect((logP) => slope - target * steepness(Math.exp(logP)), [LEAST_LOG, -1e-12]))
  const sumAt = (logSlope: number) => sum(targets.map((target) => probabilityAt(target, Math.exp(logSlope))))
  const slope = Math.exp(bisect((logSlope) => 1 - sumAt(logSlope), [LEAST_LOG, -LEAST_LOG]))
  return alpha * sum(targets.map((target) => target * term(probabilityAt(target, slope))))
}

const LEAST_LOG = -30

/** Where a growing function is 0, or the end of the interval that is nearest to it. */
function bisect(f: (x: number) => number, [from, to]: readonly [number, number]): number {
  let [low, high] = [from, to]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (f(middle) > 0) high = middle
    else low = middle
  }
  return (low + high) / 2
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
