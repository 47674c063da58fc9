import type { Configuration } from '../config/load.ts'
import { openProgress } from '../core/progress.ts'
import { type Examples, readBatches } from '../dataset/batches.ts'
import type { Network } from '../models/network.ts'
import { type Inference, openInference } from '../tensorflow/inference.ts'
import { graphUpTo, layerGraphOf, weightsOf } from '../tensorflow/layer-graph.ts'
import type { TrainingData } from './data.ts'

/** Features of the pictures of training and validation: the frozen backbone runs once over each picture and variant. */
export async function extractTrainingFeatures(
  { model, features }: Network,
  { name, train }: Configuration,
  { training, validation }: TrainingData,
): Promise<Pick<TrainingData, 'training' | 'validation'>> {
  const backbone = { graph: graphUpTo(layerGraphOf(model), features), weights: weightsOf(model) }
  const inference = openInference(backbone, { inputShape: training.inputShape, engine: train.engine })
  const before = training.count * training.variants
  const progress = openProgress(`train@${name}: features`, before + validation.count * validation.variants)
  const advance = (start: number) => (done: number) => progress.update(start + done)
  try {
    return {
      training: await extractFeatures(inference, training, train.batchSize, advance(0)),
      validation: await extractFeatures(inference, validation, train.batchSize, advance(before)),
    }
  } finally {
    progress.stop()
    inference.dispose()
  }
}

/**
 * The outputs of a network for all pictures and variants, as examples like any others.
 *
 * Holds `rows · C` floats in memory; nothing of the pictures.
 */
export async function extractFeatures(
  backbone: Inference,
  pictures: Examples,
  batchSize: number,
  onProgress: (done: number) => void = () => {},
): Promise<Examples> {
  const rows = [...Array(pictures.count * pictures.variants).keys()]
  let features = new Float32Array(0)
  let width = 0
  let done = 0
  for await (const { values, labels } of readBatches(pictures, rows, batchSize)) {
    const batch = backbone.run(values, labels.length)
    if (done === 0) {
      width = batch.length / labels.length
      features = new Float32Array(rows.length * width)
    }
    features.set(batch, done * width)
    done += labels.length
    onProgress(done)
  }
  return {
    ...pictures,
    inputShape: [width],
    read: async (wanted) => {
      const batch = new Float32Array(wanted.length * width)
      for (const [place, row] of wanted.entries()) {
        batch.set(features.subarray(row * width, (row + 1) * width), place * width)
      }
      return batch
    },
    close: async () => {},
  }
}
