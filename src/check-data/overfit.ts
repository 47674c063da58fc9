import { predictExamples } from '../network/predict.ts'
import { openInference } from '../tensorflow/inference.ts'
import { openSession, type TrainingJob } from '../train/session.ts'

/** A network and the one batch that it learns by heart. */
export type OverfitJob = Omit<TrainingJob, 'phase' | 'validation' | 'augment'>

/** What a step measured before it changed the weights. */
export interface StepScore {
  /** From 1. */
  readonly step: number
  readonly loss: number
  readonly accuracy: number
}

export interface Overfitted {
  readonly scores: readonly StepScore[]
  /** `[N][K]` */
  readonly probabilities: readonly (readonly number[])[]
}

/**
 * Trains on all of `training` in each step until it is learned by heart, the loss is not finite, or the steps are used up.
 *
 * Uses the configuration's optimizer, loss and learning rate, without what keeps a network from learning by heart: dropout,
 * stochastic depth, L2, weight decay, label smoothing, averages and class weights. Batch norms take over the statistics of the
 * batch at once, so that the final predictions are those of training.
 */
export async function overfit(
  job: OverfitJob,
  { maxSteps, onStep }: { readonly maxSteps: number; readonly onStep: (score: StepScore) => void },
): Promise<Overfitted> {
  const { training } = job
  const graph = job.graph.map((layer) =>
    layer.className === 'Dropout' ? { ...layer, config: { ...layer.config, rate: 0 } } : layer,
  )
  const params = { ...job.params, ...UNREGULARIZED }
  const session = openSession({ ...job, graph, params, validation: training, augment: undefined })
  const rows = [...Array(training.count).keys()]
  const batch = { values: await training.read(rows), labels: training.labels }
  const scores: StepScore[] = []
  try {
    for (let step = 1; step <= maxSteps; step++) {
      const values = session.step.take(batch, step, session.optimizer.numbers(step, params.learningRate))
      const [loss = Number.NaN, correct = 0] = values.dataSync()
      values.dispose()
      const score = { step, loss, accuracy: correct / training.count }
      scores.push(score)
      onStep(score)
      if (isLearned(scores) || !Number.isFinite(loss)) break
    }
    const { inputShape } = training
    const inference = openInference({ graph, weights: session.saveWeights() }, { inputShape, engine: params.engine })
    try {
      return { scores, probabilities: await predictExamples(inference, training, training.count) }
    } finally {
      inference.dispose()
    }
  } finally {
    session.close()
  }
}

const UNREGULARIZED = {
  l2: 0,
  weightDecay: 0,
  labelSmoothing: 0,
  ema: null,
  classWeights: 'none',
  batchNormMomentum: 0,
} as const

/** A loss below this, in nats, with every prediction correct, is a batch learned by heart. */
const LEARNED_LOSS = 0.05

/** Steps in a row that must measure that, so that it still holds after the last of them. */
const IN_A_ROW = 3

function isLearned(scores: readonly StepScore[]): boolean {
  const last = scores.slice(-IN_A_ROW)
  return last.length === IN_A_ROW && last.every(({ loss, accuracy }) => loss < LEARNED_LOSS && accuracy === 1)
}

/**
 * Whether a batch was learned by heart, and a sentence or two about it.
 *
 * @param labels the class of each image, as indices into the list of classes
 * @param faults of the batch; the likeliest reasons why it could not be learned
 */
export function judgeOverfit(
  { scores, probabilities }: Overfitted,
  labels: ArrayLike<number>,
  faults: readonly string[],
): { readonly learns: boolean; readonly text: string } {
  const last = scores.at(-1)
  if (last === undefined) return { learns: false, text: 'No step was taken.' }
  if (isLearned(scores)) {
    return {
      learns: true,
      text: `learns: loss ${last.loss.toFixed(3)} and every image correct after ${last.step} steps`,
    }
  }
  const reasons = faults.length > 0 ? faults : [unexplained({ scores, probabilities }, entropyOf(labels))]
  return { learns: false, text: reasons.join(' ') }
}

/** The entropy of the class shares, in nats: the lowest cross-entropy of a network that ignores its images. */
export function entropyOf(labels: ArrayLike<number>): number {
  const counts = new Map<number, number>()
  for (const label of Array.from(labels)) counts.set(label, (counts.get(label) ?? 0) + 1)
  return [...counts.values()].reduce((sum, count) => {
    const share = count / labels.length
    return sum - share * Math.log(share)
  }, 0)
}

/** A loss above this share of the entropy is no better than guessing. */
const NO_BETTER = 0.9

/** What to check when the images are sound. NaN counts as a loss that diverges. */
function unexplained({ scores, probabilities }: Overfitted, entropy: number): string {
  const loss = meanOfLast(scores.map((score) => score.loss))
  if (!(loss <= 2 * Math.max(entropy, scores[0]?.loss ?? 0))) return 'The loss diverges: lower learningRate.'
  if (loss < NO_BETTER * entropy) {
    return 'The loss falls, but not far enough: allow more --steps, or raise learningRate.'
  }
  const guessing = `The loss is no better than guessing the class shares, ${entropy.toFixed(3)}`
  return areAlike(probabilities)
    ? `${guessing}, and the prediction is the same for every image: lower learningRate, since units may be dead, and check that the images differ.`
    : `${guessing}: check that each image has its own label, then change learningRate, up or down, by a factor of ten.`
}

/** Probabilities that differ by less are the same. */
const SAME = 0.02

function areAlike(probabilities: readonly (readonly number[])[]): boolean {
  const [first = []] = probabilities
  return probabilities.every((row) => row.every((value, place) => Math.abs(value - (first[place] ?? 0)) < SAME))
}

function meanOfLast(losses: readonly number[], count = 5): number {
  const last = losses.slice(-count)
  return last.reduce((sum, loss) => sum + loss, 0) / last.length
}
