import type { Examples } from '../batches/batches.ts'
import { derivedSeed } from '../core/random.ts'
import { openFeatures } from '../network/features.ts'
import type { Network } from '../network/network.ts'
import type { PhaseName } from '../scores/history.ts'
import { graphAfter, graphUpTo, keepStatistics, layerGraphOf, weightsOf } from '../tensorflow/graph.ts'
import type { TrainingData } from './data.ts'
import { onlineAugment } from './online.ts'
import type { Configuration, TrainParams, TrainStageParams } from './params.ts'
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
export function phasesOf(
  configuration: Configuration,
  params: Pick<TrainStageParams, 'seed' | 'augment'>,
  network: Network,
  data: TrainingData,
): Phase[] {
  const { entry, train } = configuration
  const common = { classes: data.classes, seed: trainingSeed(configuration, params) }
  const head = (given: TrainParams): Phase => ({
    name: 'head',
    params: given,
    open: async () => ({
      ...common,
      phase: 'head',
      params: given,
      ...(await headOnFeatures(configuration, network, data)),
    }),
  })
  const whole: Phase = {
    name: 'network',
    params: train,
    open: async () => ({
      ...common,
      phase: 'network',
      params: train,
      ...networkOnImages(configuration, params, network, data),
    }),
  }
  if (entry.mode === 'transfer') return [head(train)]
  if (entry.mode !== 'fine-tune' || entry.fineTune.head === null) return [whole]
  return [head({ ...train, ...entry.fineTune.head }), whole]
}

/** The seed of a configuration's training: of its initial weights, the order of its images and what it draws in a step. */
export function trainingSeed({ name, entry }: Configuration, { seed }: Pick<TrainStageParams, 'seed'>): number {
  return derivedSeed(entry.seed ?? seed, 'train', name)
}

/** What phases differ in. */
type PhaseParts = Pick<TrainingJob, 'graph' | 'weights' | 'training' | 'validation' | 'augment'>

/** Features are computed once, so no augmentation is drawn for them. */
async function headOnFeatures(configuration: Configuration, network: Network, data: TrainingData): Promise<PhaseParts> {
  const features = await extractFeatures(configuration, network, data)
  const graph = graphAfter(layerGraphOf(network.model), network.features)
  return { graph, weights: weightsOf(network.model), ...features }
}

/** Features of all images, computed by the frozen backbone or read from the cache. */
async function extractFeatures(
  { name, train }: Configuration,
  { model, features }: Network,
  { training, validation }: TrainingData,
): Promise<{ training: Examples; validation: Examples }> {
  const backbone = { graph: graphUpTo(layerGraphOf(model), features), weights: weightsOf(model) }
  const extractor = openFeatures(backbone, {
    stage: `train@${name}`,
    inputShape: training.inputShape,
    engine: train.engine,
    deterministic: train.deterministic,
    threads: train.threads,
    batchSize: train.inferenceBatchSize,
    batchSizeKey: 'train.inferenceBatchSize',
  })
  try {
    return {
      training: await extractor.extract(training, 'training'),
      validation: await extractor.extract(validation, 'validation'),
    }
  } finally {
    extractor.dispose()
  }
}

function networkOnImages(
  { entry }: Configuration,
  { augment }: Pick<TrainStageParams, 'augment'>,
  { model }: Network,
  { training, validation }: TrainingData,
): PhaseParts {
  const keeps = entry.mode === 'fine-tune' && entry.fineTune.batchNorm === 'frozen'
  const graph = keeps ? keepStatistics(layerGraphOf(model)) : layerGraphOf(model)
  return { graph, weights: weightsOf(model), training, validation, augment: onlineAugment(augment) }
}
