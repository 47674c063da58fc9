import type { Network } from '../network/network.ts'
import type { PhaseName } from '../scores/history.ts'
import { graphAfter, keepStatistics, layerGraphOf, weightsOf } from '../tensorflow/graph.ts'
import type { TrainingData } from './data.ts'
import { extractTrainingFeatures } from './features.ts'
import type { FitJob } from './job.ts'
import { onlineAugment } from './online.ts'
import type { Configuration, TrainParams, TrainStageParams } from './params.ts'

/** One of the trainings that a run is made of. */
export interface Phase {
  readonly name: PhaseName
  readonly params: TrainParams
  /** What is trained on what, from the weights that the network has when the phase begins. */
  open(): Promise<PhaseParts>
}

export type PhaseParts = Pick<FitJob, 'graph' | 'weights' | 'training' | 'validation' | 'augment'>

/**
 * The phases of a configuration, in order: from zero the network, for `transfer` the head, for `fine-tune` first the head,
 * where it asks for that, then what it unfreezes.
 */
export function phasesOf(
  configuration: Configuration,
  params: TrainStageParams,
  network: Network,
  data: TrainingData,
): Phase[] {
  const { entry, train } = configuration
  const head = (given: TrainParams): Phase => ({
    name: 'head',
    params: given,
    open: () => headOnFeatures(network, configuration, data),
  })
  const whole: Phase = {
    name: 'network',
    params: train,
    open: async () => networkOnImages(network, configuration, params, data),
  }
  if (entry.mode === 'transfer') return [head(train)]
  if (entry.mode !== 'fine-tune' || entry.fineTune.head === null) return [whole]
  return [head({ ...train, ...entry.fineTune.head }), whole]
}

/** Features are computed once, so there is nothing to draw anew for them. */
async function headOnFeatures(network: Network, configuration: Configuration, data: TrainingData): Promise<PhaseParts> {
  const features = await extractTrainingFeatures(network, configuration, data)
  const graph = graphAfter(layerGraphOf(network.model), network.features)
  return { graph, weights: weightsOf(network.model), ...features }
}

function networkOnImages(
  { model }: Network,
  { entry }: Configuration,
  { augment }: TrainStageParams,
  { training, validation }: TrainingData,
): PhaseParts {
  const keeps = entry.mode === 'fine-tune' && entry.fineTune.batchNorm === 'frozen'
  const graph = keeps ? keepStatistics(layerGraphOf(model)) : layerGraphOf(model)
  return { graph, weights: weightsOf(model), training, validation, augment: onlineAugment(augment) }
}
