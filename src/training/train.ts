import type { Configuration } from '../config/load.ts'
import type { Params } from '../config/schema.ts'
import { derivedSeed } from '../core/random.ts'
import type { Network } from '../models/network.ts'
import { buildNetwork } from '../models/registry.ts'
import type { ModelCard } from '../models/saved.ts'
import { graphAfter, layerGraphOf, setWeights, weightsOf } from '../tensorflow/layer-graph.ts'
import type { tf } from '../tensorflow/runtime.ts'
import { cardOf } from './card.ts'
import { expectPictures, type TrainingData } from './data.ts'
import { extractTrainingFeatures } from './features.ts'
import { type FitResult, fit } from './fit.ts'
import type { HistoryRow } from './history.ts'
import type { FitJob, FitState } from './job.ts'
import type { Keeper } from './keeper.ts'
import { type OnlineAugment, onlineAugment } from './online.ts'
import { openReport } from './progress.ts'

/** A trained model with the weights of its best epoch, and how it came to be. */
export interface Trained {
  readonly model: tf.LayersModel
  readonly card: ModelCard
  readonly history: readonly HistoryRow[]
  /** For how long steps waited for their batches, since this process began. */
  readonly inputStallSeconds: number
}

/**
 * Trains one configuration: the head on features for `transfer`, else every layer that is not frozen.
 *
 * @throws DataError when there is nothing to train on; whatever `fit` throws.
 */
export async function train(
  configuration: Configuration,
  params: Params,
  data: TrainingData,
  keeper: Keeper<FitState>,
): Promise<Trained> {
  expectPictures(data)
  const seed = derivedSeed(params.seed, 'train', configuration.name)
  const size = { imageSize: params.image.size, classCount: data.classes.length }
  const network = await buildNetwork(configuration, { ...size, seed })
  const result = await fitWithReport(configuration, {
    ...(await trainedPart(network, configuration, data)),
    augment: augmentOf(configuration, params),
    classes: data.classes,
    params: configuration.train,
    seed,
    keeper,
  })
  setWeights(network.model, result.weights)
  const { history, bestEpoch, inputStallSeconds } = result
  const card = cardOf(configuration, params, data, { epochs: history.length, bestEpoch })
  return { model: network.model, card, history, inputStallSeconds }
}

type TrainedPart = Pick<FitJob, 'graph' | 'weights' | 'training' | 'validation'>

/** Which layers are trained, and on what: for `transfer` the head on features, else all of them on pictures. */
async function trainedPart(network: Network, configuration: Configuration, data: TrainingData): Promise<TrainedPart> {
  const graph = layerGraphOf(network.model)
  const weights = weightsOf(network.model)
  const { training, validation } = data
  if (configuration.entry.mode !== 'transfer') return { graph, weights, training, validation }
  const features = await extractTrainingFeatures(network, configuration, data)
  return { graph: graphAfter(graph, network.features), weights, ...features }
}

/** Features are computed once, so there is nothing to draw anew for them, and whoever asked for that is told. */
function augmentOf({ name, entry }: Configuration, params: Params): OnlineAugment | undefined {
  const augment = onlineAugment(params.augment)
  if (augment === undefined || entry.mode !== 'transfer') return augment
  console.error(`train@${name}: augment.online does nothing for transfer, which trains on features`)
  return undefined
}

async function fitWithReport(
  configuration: Configuration,
  job: Omit<FitJob, 'listener'>,
): Promise<FitResult & Pick<Trained, 'inputStallSeconds'>> {
  const report = openReport(configuration, job.training.count)
  try {
    const result = await fit({ ...job, listener: report })
    return { ...result, inputStallSeconds: report.inputStallSeconds }
  } finally {
    report.stop()
  }
}
