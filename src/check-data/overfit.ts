import { predictExamples } from '../network/predict.ts'
import { openInference } from '../tensorflow/inference.ts'
import { openSession, type TrainingJob } from '../train/session.ts'

/** A network and the one batch that it learns by heart. */
export type OverfitJob = Pick<TrainingJob, 'graph' | 'weights' | 'training' | 'classes' | 'params' | 'seed'>

/** What a step found before it changed the weights. */
export interface StepScore {
  /** From 1. */
  readonly step: number
  readonly loss: number
  readonly accuracy: number
}

/** How it went, and what the network says of each image in the end: rows of probabilities. */
export interface Overfitted {
  readonly scores: readonly StepScore[]
  readonly probabilities: readonly (readonly number[])[]
}

/** A loss below this, in nats, with every answer right, is a batch learned by heart. */
export const LEARNED_LOSS = 0.05

/** Steps in a row that must find that, so that the network still says so after the last of them. */
const IN_A_ROW = 3

export function isLearned(scores: readonly StepScore[]): boolean {
  const last = scores.slice(-IN_A_ROW)
  return last.length === IN_A_ROW && last.every(({ loss, accuracy }) => loss < LEARNED_LOSS && accuracy === 1)
}

/**
 * Trains on all of `training` in each step until it is learned by heart, the loss is not finite, or the steps are used up.
 *
 * With the configuration's optimizer, loss and learning rate, but without what is there to keep a network from learning by
 * heart: dropout, stochastic depth, L2, weight decay, label smoothing, averages and class weights. Batch norms take the
 * statistics of the batch at once, so that the network says in the end what it said while it learned.
 */
export async function overfit(
  job: OverfitJob,
  { maxSteps, onStep }: { readonly maxSteps: number; readonly onStep: (score: StepScore) => void },
): Promise<Overfitted> {
  const { training } = job
  const graph = job.graph.map((layer) =>
    layer.className === 'Dropout' ? { ...layer, config: { ...layer.config, rate: 0 } } : layer,
  )
  const params = { ...job.params, ...UNHINDERED }
  const session = openSession({ ...job, graph, params, validation: training })
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

const UNHINDERED = {
  l2: 0,
  weightDecay: 0,
  labelSmoothing: 0,
  ema: null,
  classWeights: 'none',
  batchNormMomentum: 0,
} as const
