import type { HistoryRow } from '../scores/history.ts'
import type { PartScores } from '../scores/scores.ts'
import type { LayerGraph } from '../tensorflow/graph.ts'
import { classWeightsOf, countLabels } from './class-balance.ts'
import type { TrainParams } from './params.ts'

/** Before the end of this epoch (from 1) no training is judged. */
const FIRST_JUDGED_EPOCH = 3
/** Before this step guessing is no sign: with 10 images a class, six trainings left the class shares at step 6 to 24, and learned. */
const FIRST_JUDGED_STEP = 50

/** The training scores of a network that ignores its images. */
export interface ClassPrior {
  /**
   * The lowest mean loss, in nats, of one prediction for all images: the entropy of the class shares for plain
   * cross-entropy, adjusted for class weights, label smoothing and the focal loss.
   */
  readonly loss: number
  /** The share of the most common class. */
  readonly accuracy: number
  /** The number of images in an epoch. */
  readonly images: number
}

/** What of `train` the loss of guessing depends on. */
export type PriorParams = Pick<TrainParams, 'loss' | 'labelSmoothing' | 'focalGamma' | 'focalAlpha' | 'classWeights'>

/** A loss counts as lower if it is lower by this share. */
const MIN_GAIN = 0.01
/** An accuracy counts as higher if it is higher by this many standard errors. */
const STANDARD_ERRORS = 2

/**
 * Whether an epoch, from the third and the 50th step on, is no better than guessing: its training loss is not 1 % below that of the best guess,
 * and its training accuracy is not two standard errors above the share of the most common class. NaN is no better.
 *
 * Both are compared under the loss and on the images that the network is trained with. L2 adds to the loss, so with a strong
 * penalty accuracy alone decides.
 *
 * @param steps of training so far
 */
export function isCollapsed(
  { epoch, loss, accuracy }: Pick<HistoryRow, 'epoch' | 'loss' | 'accuracy'>,
  prior: ClassPrior,
  steps: number,
): boolean {
  const standardError = Math.sqrt((prior.accuracy * (1 - prior.accuracy)) / prior.images)
  const isLower = loss < (1 - MIN_GAIN) * prior.loss
  const isHigher = accuracy > prior.accuracy + STANDARD_ERRORS * standardError
  return epoch >= FIRST_JUDGED_EPOCH && steps >= FIRST_JUDGED_STEP && !isLower && !isHigher
}

/** The warning about a training that is no better than guessing. */
export function describeCollapse(config: string, { epoch, loss, accuracy }: HistoryRow, prior: ClassPrior): string {
  const shown = (value: number) => value.toFixed(3)
  return `collapsed to the class prior: after epoch ${epoch}, training loss ${shown(loss)} and accuracy ${shown(accuracy)} are no better than guessing by the class shares (${shown(prior.loss)}, ${shown(prior.accuracy)}). Run npm run check-data -- --config ${config}, and try another train.learningRate.`
}

/** The epochs in which a training was no better than guessing; undefined if there are none. */
export function describeCollapsedEpochs(history: readonly HistoryRow[]): string | undefined {
  const epochs = history.filter((row) => row.collapsed === 1).map((row) => row.epoch)
  if (epochs.length === 0) return undefined
  const until = history.at(-1)?.collapsed === 1 ? 'to its end' : `in ${epochs.length} of ${history.length} epochs`
  return `collapsed to the class prior: from epoch ${epochs[0]}, ${until}, no better in training than guessing by the class shares`
}

/**
 * The prior of the images of an epoch, each shown once.
 *
 * @param labels the class of each image, as indices into the list of classes; every class occurs
 */
export function classPrior(labels: ArrayLike<number>, classCount: number, params: PriorParams): ClassPrior {
  const shares = countLabels(labels, classCount).map((count) => count / labels.length)
  const weights = classWeightsOf(params.classWeights, labels, classCount)
  const weighted = shares.map((share, place) => share * (weights?.[place] ?? 1))
  const spread = (params.labelSmoothing * sum(weighted)) / classCount
  const targets = weighted.map((share) => (1 - params.labelSmoothing) * share + spread)
  const loss = params.loss === 'focal' ? lowestFocalLoss(targets, params) : lowestCrossEntropy(targets)
  return { loss, accuracy: Math.max(...shares), images: labels.length }
}

/** The minimum of Σ targetₖ (−log pₖ) over all p that sum to 1, reached where p is proportional to the targets. */
function lowestCrossEntropy(targets: readonly number[]): number {
  const total = sum(targets)
  return -sum(targets.map((target) => (target > 0 ? target * Math.log(target / total) : 0)))
}

/**
 * The minimum of Σ targetₖ α (1 − pₖ)^γ (−log pₖ) over all p that sum to 1.
 *
 * There all terms have the same slope (Lagrange). The steeper the slope, the smaller the sum of p, so bisection finds it.
 */
function lowestFocalLoss(
  targets: readonly number[],
  { focalGamma: gamma, focalAlpha: alpha }: Pick<PriorParams, 'focalGamma' | 'focalAlpha'>,
): number {
  const term = (p: number) => (1 - p) ** gamma * -Math.log(p)
  const steepness = (p: number) => gamma * (1 - p) ** (gamma - 1) * -Math.log(p) + (1 - p) ** gamma / p
  const probabilityAt = (target: number, slope: number) =>
    Math.exp(bisect((logP) => slope - target * steepness(Math.exp(logP)), [LOWEST_LOG, -1e-12]))
  const sumAt = (logSlope: number) => sum(targets.map((target) => probabilityAt(target, Math.exp(logSlope))))
  const slope = Math.exp(bisect((logSlope) => 1 - sumAt(logSlope), [LOWEST_LOG, -LOWEST_LOG]))
  return alpha * sum(targets.map((target) => target * term(probabilityAt(target, slope))))
}

const LOWEST_LOG = -30

/** The zero of an increasing function, or the end of the interval that is nearest to it. */
function bisect(f: (x: number) => number, [from, to]: readonly [number, number]): number {
  let [low, high] = [from, to]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    if (f(middle) > 0) high = middle
    else low = middle
  }
  return (low + high) / 2
}

/** One class predicted for nearly all validation images by a network that separates the training images. */
export interface OneAnswer {
  readonly label: string
  /** Validation images predicted as `label`, of `images`. */
  readonly taken: number
  readonly images: number
  /** Of batch norms whose running statistics lag behind the weights: which share of these is older than the epoch. */
  readonly lag?: { readonly momentum: number; readonly steps: number; readonly oldShare: number }
}

/** Training is good if it is this far on the way from guessing to all correct. */
const GOOD_TRAINING = 0.75
/** The share of the validation images that counts as nearly all. */
const NEARLY_ALL = 0.95
/**
 * The highest share of a running statistic that may be older than the last epoch. Above it, in the third epoch more than a tenth
 * of the statistic is still its initial value.
 */
const MAX_OLD_SHARE = 0.45

/** What an epoch was trained with. */
export interface OneAnswerJob {
  readonly graph: LayerGraph
  readonly params: Pick<TrainParams, 'batchNormMomentum'>
  readonly prior: ClassPrior
  readonly stepsPerEpoch: number
}

/** The one answer of an epoch from the third on; undefined if there are several, or the training images are not learned yet. */
export function findOneAnswer(
  { epoch, accuracy }: Pick<HistoryRow, 'epoch' | 'accuracy'>,
  validated: Pick<PartScores, 'images' | 'per_class'>,
  { graph, params, prior, stepsPerEpoch }: OneAnswerJob,
): OneAnswer | undefined {
  const isGood = accuracy >= prior.accuracy + GOOD_TRAINING * (1 - prior.accuracy)
  if (epoch < FIRST_JUDGED_EPOCH || !isGood) return undefined
  const { images } = validated
  // Precision is TP / predicted and recall TP / support; a class predicted for all images has some of its own among them.
  const all = [...validated.per_class].map(([label, { precision, recall, support }]) => ({
    label,
    taken: precision > 0 ? Math.round((recall * support) / precision) : 0,
  }))
  const common = all.find(({ taken }) => taken >= NEARLY_ALL * images)
  if (!common) return undefined
  const momentum = params.batchNormMomentum
  const oldShare = momentum ** stepsPerEpoch
  const movesStatistics = ({ className, trainable, keepsStatistics }: LayerGraph[number]) =>
    className === 'BatchNormalization' && trainable && !keepsStatistics
  const lags = graph.some(movesStatistics) && oldShare > MAX_OLD_SHARE
  return { ...common, images, ...(lags && { lag: { momentum, steps: stepsPerEpoch, oldShare } }) }
}

/** The warning about it, with what to change. */
export function describeOneAnswer({ epoch, accuracy }: HistoryRow, answer: OneAnswer): string {
  const { label, taken, images, lag } = answer
  const found = `after epoch ${epoch}, ${taken} of ${images} validation images are predicted as ${label}, though training accuracy is ${accuracy.toFixed(3)}`
  if (!lag) {
    return `${found}. Check that the validation images are like those of training, and try a lower learningRate.`
  }
  const { momentum, steps, oldShare } = lag
  const share = (100 * oldShare).toFixed(0)
  return `${found}. Validation uses the running statistics of the batch norms, and these lag behind: with batchNormMomentum ${momentum} and ${steps} steps an epoch, ${share} % of them is older than the last epoch. Try batchNormMomentum: ${fastMomentum(steps)}.`
}

/** The momentum that keeps a hundredth of what is older than an epoch, in two decimals. */
function fastMomentum(stepsPerEpoch: number): number {
  return Math.floor(100 * 0.01 ** (1 / stepsPerEpoch)) / 100
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
