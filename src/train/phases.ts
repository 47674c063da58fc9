import type { Examples } from '../batches/batches.ts'
import { type FeatureExtractor, type FeatureOptions, openFeatures } from '../network/features.ts'
import type { Network } from '../network/network.ts'
import type { PhaseName } from '../scores/history.ts'
import { graphAfter, graphUpTo, keepStatistics, layerGraphOf, weightsOf } from '../tensorflow/graph.ts'
import type { TrainingData } from './data.ts'
import type { Configuration, TrainParams } from './params.ts'
import type { TrainingJob } from './session.ts'

/** One part of a training. */
export interface Phase {
  readonly name: PhaseName
  readonly params: TrainParams
  /** What is trained on what, from the weights that the network has now. */
  open(): Promise<TrainingJob>
}

/**
 * The phases of a configuration, in order: from zero the network, for `transfer` the head, for `fine-tune` first the head,
 * if `fineTune.head` is set, then what it unfreezes.
 */
export function phasesOf(configuration: Configuration, network: Network, data: TrainingData): Phase[] {
  const { entry, train, seed, online } = configuration
  const { classes, training, validation } = data
  const graph = layerGraphOf(network.model)
  const phase = (name: PhaseName, params: TrainParams, open: () => Promise<PhaseParts>): Phase => {
    const common = { phase: name, params, seed, classes }
    return { name, params, open: async () => ({ ...common, weights: weightsOf(network.model), ...(await open()) }) }
  }
  // Features are computed once, so no augmentation is drawn for them.
  const head = (params: TrainParams) =>
    phase('head', params, async () => ({
      graph: graphAfter(graph, network.features),
      ...(await extractFeatures(configuration, network, data)),
    }))
  const keeps = entry.mode === 'fine-tune' && entry.fineTune.batchNorm === 'frozen'
  const whole = phase('network', train, async () => {
    return { graph: keeps ? keepStatistics(graph) : graph, training, validation, augment: online }
  })
  if (entry.mode === 'transfer') return [head(train)]
  if (entry.mode !== 'fine-tune' || entry.fineTune.head === null) return [whole]
  return [head({ ...train, ...entry.fineTune.head }), whole]
}

/** What phases differ in. */
type PhaseParts = Pick<TrainingJob, 'graph' | 'training' | 'validation' | 'augment'>

/** Features of all images, computed by the frozen backbone or read from the cache. */
async function extractFeatures(
  configuration: Configuration,
  network: Network,
  { training, validation }: TrainingData,
): Promise<{ training: Examples; validation: Examples }> {
  const { inputShape } = training
  const extractor = openBackbone(configuration, network, { stage: `train@${configuration.name}`, inputShape })
  try {
    return {
      training: await extractor.extract(training, 'training'),
      validation: await extractor.extract(validation, 'validation'),
    }
  } finally {
    extractor.dispose()
  }
}

/** Opens the backbone of a network as training runs it. */
export function openBackbone(
  { train }: Pick<Configuration, 'train'>,
  { model, features }: Network,
  { stage, inputShape }: Pick<FeatureOptions, 'stage' | 'inputShape'>,
): FeatureExtractor {
  const backbone = { graph: graphUpTo(layerGraphOf(model), features), weights: weightsOf(model) }
  const { engine, deterministic, threads, inferenceBatchSize: batchSize } = train
  const batchSizeKey = 'train.inferenceBatchSize'
  return openFeatures(backbone, { stage, inputShape, engine, deterministic, threads, batchSize, batchSizeKey })
}
