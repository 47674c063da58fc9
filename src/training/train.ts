import type { Configuration } from '../config/load.ts'
import type { Params } from '../config/schema.ts'
import { DataError } from '../core/errors.ts'
import { openProgress } from '../core/progress.ts'
import { derivedSeed } from '../core/random.ts'
import type { Network } from '../models/network.ts'
import { buildNetwork } from '../models/registry.ts'
import type { ModelCard } from '../models/saved.ts'
import { openInference } from '../tensorflow/inference.ts'
import { graphAfter, graphUpTo, layerGraphOf, setWeights, weightsOf } from '../tensorflow/layer-graph.ts'
import type { tf } from '../tensorflow/runtime.ts'
import type { TrainingData } from './data.ts'
import { extractFeatures } from './features.ts'
import { type FitJob, type FitResult, fit } from './fit.ts'
import type { HistoryRow } from './history.ts'
import { openReport } from './progress.ts'

/** A trained model with the weights of its best epoch, and how it came to be. */
export interface Trained {
  readonly model: tf.LayersModel
  readonly card: ModelCard
  readonly history: readonly HistoryRow[]
}

/** Trains one configuration: the head on features for `transfer`, else every layer that is not frozen. */
export async function train(configuration: Configuration, params: Params, data: TrainingData): Promise<Trained> {
  const { name, entry } = configuration
  expectPictures(data)
  const seed = derivedSeed(params.seed, 'train', name)
  const network = await buildNetwork(configuration, {
    imageSize: params.image.size,
    classCount: data.classes.length,
    seed,
  })
  const { weights, history, bestEpoch } = await (entry.mode === 'transfer' ? fitHead : fitAll)(
    network,
    configuration,
    data,
    seed,
  )
  setWeights(network.model, weights)
  const card = {
    config: name,
    architecture: entry.architecture,
    mode: entry.mode,
    classes: data.classes,
    trainImages: countByClass(data),
    epochs: history.length,
    bestEpoch,
    image: params.image,
  }
  return { model: network.model, card, history }
}

type Fit = (network: Network, configuration: Configuration, data: TrainingData, seed: number) => Promise<FitResult>

const fitAll: Fit = (network, configuration, data, seed) => {
  return fitWithReport({
    graph: layerGraphOf(network.model),
    weights: weightsOf(network.model),
    params: configuration.train,
    ...data,
    seed,
    listener: openReport(configuration, data.training.count),
  })
}

/** Runs the frozen backbone once over every picture and variant, then trains what comes after it. */
const fitHead: Fit = async (network, configuration, data, seed) => {
  const graph = layerGraphOf(network.model)
  const weights = weightsOf(network.model)
  const features = await featuresOf(network, configuration, data)
  return fitWithReport({
    graph: graphAfter(graph, network.features),
    weights,
    params: configuration.train,
    ...features,
    classes: data.classes,
    seed,
    listener: openReport(configuration, data.training.count),
  })
}

async function featuresOf(
  { model, features }: Network,
  { name, train }: Configuration,
  { training, validation }: TrainingData,
) {
  const backbone = { graph: graphUpTo(layerGraphOf(model), features), weights: weightsOf(model) }
  const inference = openInference(backbone, { inputShape: training.inputShape, engine: train.engine })
  const pictures = [training, validation].reduce((sum, { count, variants }) => sum + count * variants, 0)
  const progress = openProgress(`train@${name}: features`, pictures)
  try {
    const before = training.count * training.variants
    return {
      training: await extractFeatures(inference, training, train.batchSize, (done) => progress.update(done)),
      validation: await extractFeatures(inference, validation, train.batchSize, (done) =>
        progress.update(before + done),
      ),
    }
  } finally {
    progress.stop()
    inference.dispose()
  }
}

async function fitWithReport(job: FitJob & { readonly listener: ReturnType<typeof openReport> }): Promise<FitResult> {
  try {
    return await fit(job)
  } finally {
    job.listener.stop()
  }
}

/** Pictures of each class in the training part, variants not counted. */
function countByClass({ classes, training }: TrainingData): Record<string, number> {
  const labels = training.labels.subarray(0, training.count)
  return Object.fromEntries(classes.map((name, place) => [name, labels.filter((label) => label === place).length]))
}

function expectPictures({ classes, training, validation }: TrainingData): void {
  if (classes.length >= 2 && training.count > 0 && validation.count > 0) return
  throw new DataError(
    `Expected pictures of two classes or more in training and validation, received ${training.count} and ${validation.count} of ${classes.length}. Add pictures: npm run add -- DIR.`,
  )
}
