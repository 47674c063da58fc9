import type { Examples } from '../batches/batches.ts'
import { openFeatures } from '../network/features.ts'
import type { Network } from '../network/network.ts'
import { graphUpTo, layerGraphOf, weightsOf } from '../tensorflow/graph.ts'
import type { TrainingData } from './data.ts'
import type { Configuration } from './params.ts'

/** Features of the images of training and validation, by the frozen backbone or from the cache. */
export async function extractTrainingFeatures(
  { model, features }: Network,
  { name, train }: Pick<Configuration, 'name' | 'train'>,
  { training, validation }: Pick<TrainingData, 'training' | 'validation'>,
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
