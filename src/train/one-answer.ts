import type { HistoryRow } from '../scores/history.ts'
import type { PartScores } from '../scores/scores.ts'
import type { LayerGraph } from '../tensorflow/graph.ts'
import type { TrainParams } from './params.ts'
import type { ClassPrior } from './prior.ts'

/** Nearly one class for all validation images, of a network that tells the training images apart. */
export interface OneAnswer {
  readonly label: string
  /** Validation images that were taken for it, of so many. */
  readonly taken: number
  readonly images: number
  /** Of batch norms whose running statistics lag behind the weights: which share of these is older than the epoch. */
  readonly lag?: { readonly momentum: number; readonly steps: number; readonly oldShare: number }
}

/** Before the end of this epoch (from 1) no training is judged. */
const FIRST_JUDGED_EPOCH = 3
/** Training is good where it is so far on the way from guessing to all right. */
const GOOD_TRAINING = 0.75
/** Of the validation images, that one class gets: nearly all. */
const NEARLY_ALL = 0.95
/**
 * What of a running statistic may be older than the last epoch. In the third epoch, a tenth of the values that it began with
 * are still in it where more is.
 */
const GREATEST_OLD_SHARE = 0.45

/** What an epoch was trained with. */
export interface OneAnswerJob {
  readonly graph: LayerGraph
  readonly params: Pick<TrainParams, 'batchNormMomentum'>
  readonly prior: ClassPrior
  readonly stepsPerEpoch: number
}

/** The one answer of an epoch from the third on; undefined where it gives several, or has not learned its training images. */
export function findOneAnswer(
  { epoch, accuracy }: Pick<HistoryRow, 'epoch' | 'accuracy'>,
  validated: Pick<PartScores, 'images' | 'per_class'>,
  { graph, params, prior, stepsPerEpoch }: OneAnswerJob,
): OneAnswer | undefined {
  const isGood = accuracy >= prior.accuracy + GOOD_TRAINING * (1 - prior.accuracy)
  if (epoch < FIRST_JUDGED_EPOCH || !isGood) return undefined
  const { images } = validated
  // Precision is TP / taken and recall TP / support; a class that gets all images has some of its own among them.
  const all = Object.entries(validated.per_class).map(([label, { precision, recall, support }]) => ({
    label,
    taken: precision > 0 ? Math.round((recall * support) / precision) : 0,
  }))
  const common = all.find(({ taken }) => taken >= NEARLY_ALL * images)
  if (!common) return undefined
  const momentum = params.batchNormMomentum
  const oldShare = momentum ** stepsPerEpoch
  const lags = graph.some(movesStatistics) && oldShare > GREATEST_OLD_SHARE
  return { ...common, images, ...(lags && { lag: { momentum, steps: stepsPerEpoch, oldShare } }) }
}

function movesStatistics({ className, trainable, keepsStatistics }: LayerGraph[number]): boolean {
  return className === 'BatchNormalization' && trainable && !keepsStatistics
}

/** What to tell a person about it. */
export function describeOneAnswer({ epoch, accuracy }: HistoryRow, answer: OneAnswer): string {
  const { label, taken, images, lag } = answer
  const found = `after epoch ${epoch}, ${taken} of ${images} validation images are taken for ${label}, though training accuracy is ${accuracy.toFixed(3)}`
  if (!lag) {
    return `${found}. Look whether validation's images are like those of training, and try a lower learningRate.`
  }
  const { momentum, steps, oldShare } = lag
  const share = (100 * oldShare).toFixed(0)
  return `${found}. Validation uses the running statistics of the batch norms, and these lag behind: with batchNormMomentum ${momentum} and ${steps} steps an epoch, ${share} % of them is older than the last epoch. Try batchNormMomentum: ${fastMomentum(steps)}.`
}

/** One that leaves a hundredth of what is older than an epoch, in two decimals. */
function fastMomentum(stepsPerEpoch: number): number {
  return Math.floor(100 * 0.01 ** (1 / stepsPerEpoch)) / 100
}
