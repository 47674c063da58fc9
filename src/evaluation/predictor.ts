import { openProgress } from '../core/progress.ts'
import type { Pictures } from '../dataset/batches.ts'
import { openFeatures } from '../models/features.ts'
import { featuresOf } from '../models/network.ts'
import type { SavedModel } from '../models/saved.ts'
import { openInference } from '../tensorflow/inference.ts'
import { graphAfter, graphUpTo } from '../tensorflow/layer-graph.ts'
import { predictPart } from './predict.ts'
import type { EvaluatedPart, Prediction } from './predictions.ts'

/** Says what a saved model takes packed pictures for; dispose it. */
export interface Predictor {
  predict(pictures: Pictures, part: EvaluatedPart): Promise<Prediction[]>
  dispose(): void
}

const ENGINE = 'compiled'
/** None of training's: in batches of 8 and 32, 1 to 8 threads gave the same bits. */
const NUMERICS = { deterministic: false, threads: null }
const BATCH_SIZE_KEY = 'evaluate.batchSize'

/**
 * Opens a saved model for packed pictures, a batch at a time.
 *
 * A model of mode `transfer` has a backbone that training did not touch: its features come from the same cache as those that
 * the head was trained on, and the head looks at them by itself; the bits are the same whether the cache has them or not.
 */
export function openPredictor(model: SavedModel, batchSize: number): Predictor {
  return model.mode === 'transfer' ? openOnFeatures(model, batchSize) : openOnPictures(model, batchSize)
}

function openOnPictures({ config, graph, weights, classes, image }: SavedModel, batchSize: number): Predictor {
  const inference = openInference(
    { graph, weights },
    { inputShape: [image.size, image.size, 3], engine: ENGINE, batchSize, batchSizeKey: BATCH_SIZE_KEY },
  )
  return {
    predict: async (pictures, part) => {
      const progress = openProgress(`evaluate@${config}: ${part}`, pictures.count)
      try {
        const given = { examples: pictures, part, classes, batchSize }
        return await predictPart(inference, given, (done) => progress.update(done))
      } finally {
        progress.stop()
      }
    },
    dispose: inference.dispose,
  }
}

function openOnFeatures({ config, graph, weights, classes, image }: SavedModel, batchSize: number): Predictor {
  const layer = featuresOf(graph)
  const head = graphAfter(graph, layer)
  const common = { engine: ENGINE, batchSize, batchSizeKey: BATCH_SIZE_KEY } as const
  const backbone = openFeatures(
    { graph: graphUpTo(graph, layer), weights },
    { ...common, stage: `evaluate@${config}`, inputShape: [image.size, image.size, 3], ...NUMERICS },
  )
  const width = head.at(-1)?.weights[0]?.shape[0] ?? Number.NaN // of the kernel [C, K]
  const inference = openInference({ graph: head, weights }, { ...common, inputShape: [width] })
  return {
    predict: async (pictures, part) => {
      const features = await backbone.extract(pictures, part)
      return predictPart(inference, { examples: features, part, classes, batchSize })
    },
    dispose: () => {
      inference.dispose()
      backbone.dispose()
    },
  }
}
