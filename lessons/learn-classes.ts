import { seededRng, shuffled } from '../src/core/random.ts'
import { type Classifier, type ClassifierParams, type Example, openClassifier } from './classifier.ts'
import type { Field } from './field.ts'

/** A network, its examples, and how long it is trained. */
export interface LearnParams extends ClassifierParams {
  readonly training: readonly Example[]
  /** Examples to validate on; may be empty. */
  readonly validation: readonly Example[]
  readonly epochs: number
  readonly batchSize: number
  /** Early stopping: epochs without a lower validation loss, after which the best epoch's weights are restored; null: off. */
  readonly patience: number | null
  /** The square over which the field is computed. */
  readonly square: Omit<Field, 'values'>
}

/** Mean cross-entropy in nats and accuracy, without dropout and without the L2 term. */
export interface Score {
  readonly loss: number
  readonly accuracy: number
}

/** The scores after an epoch; without examples they are NaN. */
export interface EpochScores {
  readonly epoch: number
  readonly training: Score
  readonly validation: Score
}

/** The trained network. */
export interface Learned {
  readonly history: readonly EpochScores[]
  /** The scores of the final weights. */
  readonly kept: EpochScores
  /** Probability of class 1 over the square. */
  readonly field: Field
  /** Probability of class 1 of each training example. */
  readonly probabilities: readonly number[]
}

/** Trains a network on points in the plane; deterministic for the same parameters. */
export function learnClasses(params: LearnParams): Learned {
  const classifier = openClassifier(params)
  try {
    const { history, best } = train(classifier, params)
    if (params.patience !== null) classifier.restore(best.weights)
    return {
      history,
      kept: history[(params.patience === null ? history.length : best.epoch) - 1] as EpochScores,
      field: { ...params.square, values: classifier.probabilities(centresOf(params.square)) },
      probabilities: classifier.probabilities(params.training),
    }
  } finally {
    classifier.close()
  }
}

function train(classifier: Classifier, params: LearnParams) {
  const { training, validation, epochs } = params
  const patience = params.patience ?? Number.POSITIVE_INFINITY
  const history: EpochScores[] = []
  let best = { epoch: 0, loss: Number.POSITIVE_INFINITY, weights: classifier.save() }
  for (let epoch = 1; epoch <= epochs && epoch - best.epoch <= patience; epoch++) {
    const batches = batchesOf(params, epoch)
    for (const [i, batch] of batches.entries()) classifier.learn(batch, (epoch - 1) * batches.length + i + 1)
    const probabilities = classifier.probabilities([...training, ...validation])
    const scores = {
      epoch,
      training: scoreOf(training, probabilities),
      validation: scoreOf(validation, probabilities.slice(training.length)),
    }
    history.push(scores)
    const { loss } = scores.validation
    if (loss < best.loss) best = { epoch, loss, weights: classifier.save() }
  }
  return { history, best }
}

function batchesOf({ training, batchSize, seed }: LearnParams, epoch: number): Example[][] {
  const order = shuffled(training, seededRng(seed, 'order', epoch))
  return Array.from({ length: Math.ceil(order.length / batchSize) }, (_, i) =>
    order.slice(i * batchSize, (i + 1) * batchSize),
  )
}

/** Probabilities are clipped from below, as in Keras. */
const MIN_PROBABILITY = 1e-7

/** The score of examples, from the probability of class 1 of each; further probabilities are ignored. */
function scoreOf(examples: readonly Example[], probabilities: readonly number[]): Score {
  const ofLabel = examples.map(({ label }, i) => {
    const probability = probabilities[i] ?? Number.NaN
    return label === 1 ? probability : 1 - probability
  })
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    loss: mean(ofLabel.map((probability) => -Math.log(Math.max(probability, MIN_PROBABILITY)))),
    accuracy: mean(ofLabel.map((probability) => (probability > 0.5 ? 1 : 0))),
  }
}

function centresOf({ cells, domain: [from, to] }: Omit<Field, 'values'>): { x: number; y: number }[] {
  const centre = (place: number): number => from + ((place + 0.5) * (to - from)) / cells
  return Array.from({ length: cells * cells }, (_, i) => ({ x: centre(i % cells), y: centre(Math.floor(i / cells)) }))
}
