import { chooseRows, type Examples, type Images } from '../batches/batches.ts'
import { openProgress } from '../core/progress.ts'
import type { Network } from '../network/network.ts'
import { predictExamples } from '../network/predict.ts'
import { graphAfter, layerGraphOf, weightsOf } from '../tensorflow/graph.ts'
import { openInference } from '../tensorflow/inference.ts'
import type { Checkpointer } from '../train/checkpointer.ts'
import { fit, startPhase } from '../train/fit.ts'
import type { Configuration } from '../train/params.ts'
import type { TrainingJob } from '../train/session.ts'
import { byRow, type Fold, mean } from './folds.ts'

/**
 * Trains a head for each fold on the features of the others, as train would, and predicts the rows that the fold judges.
 *
 * The images of a fold decide in which epoch its head is best, as validation does in train; nothing else of them enters it.
 *
 * @param features `[C]` of all rows, by a backbone that has not seen their labels
 * @returns the probabilities of each row, in the order of the classes; the mean of all heads where several judge it
 */
export async function predictOutOfFold(
  configuration: Configuration,
  { model, features: layer }: Network,
  {
    features,
    folds,
    classes,
  }: { readonly features: Images; readonly folds: readonly Fold[]; readonly classes: readonly string[] },
): Promise<number[][]> {
  const { seed, train: params } = configuration
  const head = { phase: 'head', graph: graphAfter(layerGraphOf(model), layer), weights: weightsOf(model) } as const
  using progress = openProgress('audit: epochs of heads', folds.length * params.epochs)
  const predicted: number[][][] = []
  for (const [place, { training, own, judged }] of folds.entries()) {
    const parts = { training: chooseRows(features, training), validation: chooseRows(features, own) }
    const job = { ...head, ...parts, classes, params, seed }
    const onEpoch = ({ epoch }: { readonly epoch: number }) =>
      progress.update(place * params.epochs + epoch, `head ${place + 1} of ${folds.length}`)
    const callbacks = { onStep: () => {}, onEpoch }
    const { best } = await fit(job, startPhase(job), { checkpointer: UNSAVED, callbacks })
    predicted.push(await predict({ ...job, weights: best }, chooseRows(features, judged)))
  }
  return byRow(folds, predicted).map((rows) => classes.map((_, k) => mean(rows.map((row) => row[k] ?? Number.NaN))))
}

/** An audit is over in minutes, so that its heads are not saved. */
const UNSAVED: Checkpointer = {
  restore: async () => undefined,
  afterStep: async () => false,
  afterEpoch: async () => {},
  end: async () => {},
  clear: async () => {},
}

async function predict({ graph, weights, params }: TrainingJob, examples: Examples): Promise<number[][]> {
  const { engine, inferenceBatchSize: batchSize } = params
  const { inputShape } = examples
  const inference = openInference(
    { graph, weights },
    { inputShape, engine, batchSize, batchSizeKey: 'train.inferenceBatchSize' },
  )
  try {
    return await predictExamples(inference, examples, batchSize)
  } finally {
    inference.dispose()
  }
}
