import { sha256 } from '../core/files.ts'
import { type Network, NORMALIZATION } from '../network/network.ts'
import { buildNetwork } from '../network/registry.ts'
import { graphUpTo, layerGraphOf, weightsOf } from '../tensorflow/graph.ts'
import { openInference } from '../tensorflow/inference.ts'
import { expectImages, type TrainingData } from '../train/data.ts'
import { onlineAugment } from '../train/online.ts'
import type { Configuration, TrainStageParams } from '../train/params.ts'
import { phasesOf, trainingSeed } from '../train/phases.ts'
import { findFaults, rangeOf, type SeenBatch } from './batch-faults.ts'
import { type OneBatch, readOneBatch } from './one-batch.ts'
import { type OverfitJob, type Overfitted, overfit, type StepScore } from './overfit.ts'
import { judgeOverfit, type OverfitVerdict } from './overfit-verdict.ts'

/** One batch, what is wrong with it, and how a network learned it by heart or did not. */
export interface CheckedData {
  readonly batch: OneBatch
  readonly classes: readonly string[]
  readonly scaled: SeenBatch['scaled']
  readonly faults: readonly string[]
  readonly overfitted: Overfitted
  readonly verdict: OverfitVerdict
}

/**
 * Lets a configuration learn one batch of its training images by heart, which any sound network, data and learning rate
 * can: the whole network from images, for `transfer` the head from the features of the frozen backbone.
 *
 * @throws DataError when there is nothing to train on.
 */
export async function checkData(
  configuration: Configuration,
  params: TrainStageParams,
  data: TrainingData,
  run: { readonly maxSteps: number; readonly onStep: (score: StepScore) => void },
): Promise<CheckedData> {
  expectImages(data)
  const { classes } = data
  const { entry, train } = configuration
  const seed = trainingSeed(configuration, params)
  const augment = entry.mode === 'transfer' ? undefined : onlineAugment(params.augment)
  const { batchSize, sampling } = train
  const batch = await readOneBatch(data.training, { seed, batchSize, sampling, augment })
  const network = await buildNetwork(configuration, { imageSize: params.image.size, classCount: classes.length, seed })
  try {
    const scaled = scaledBy(network, batch)
    const faults = findFaults({ ...batch, scaled })
    const job = { ...(await openOverfit(configuration, params, network, { classes, batch })), classes, seed }
    const overfitted = await overfit(job, run)
    return { batch, classes, scaled, faults, overfitted, verdict: judgeOverfit(overfitted, batch.labels, faults) }
  } finally {
    network.model.dispose()
  }
}

/**
 * What the last phase of a training would train, on the batch alone; at the learning rate of the first phase, since the low
 * one of a second phase is for a head that has learned already.
 */
async function openOverfit(
  configuration: Configuration,
  params: TrainStageParams,
  network: Network,
  { classes, batch }: Pick<CheckedData, 'classes' | 'batch'>,
): Promise<Pick<OverfitJob, 'graph' | 'weights' | 'training' | 'params'>> {
  const images = { ...batch, digest: async () => sha256(batch.pixels) }
  const phases = phasesOf(configuration, params, network, { classes, training: images, validation: images })
  const [first, last] = [phases[0], phases.at(-1)]
  if (!first || !last) throw new Error('a training has a phase at least')
  const { graph, weights, training } = await last.open()
  return { graph, weights, training, params: { ...last.params, learningRate: first.params.learningRate } }
}

/** The first layer after the input, where it is one that scales pixels, and the range of what it gives. */
function scaledBy(network: Network, batch: OneBatch): SeenBatch['scaled'] {
  const layer = network.model.layers[1]
  if (!layer || !['rescaling', NORMALIZATION].includes(layer.name)) return undefined
  return { layer: layer.name, values: rangeOf(outputOf(network, layer.name, batch)) }
}

function outputOf({ model }: Network, layer: string, { pixels, count, inputShape }: OneBatch): Float32Array {
  const backbone = { graph: graphUpTo(layerGraphOf(model), layer), weights: weightsOf(model) }
  const inference = openInference(backbone, { inputShape, engine: 'compiled' })
  try {
    return inference.run(pixels, count)
  } finally {
    inference.dispose()
  }
}
