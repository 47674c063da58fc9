import { type Images, openImages } from '../batches/batches.ts'
import { readCsv } from '../core/csv.ts'
import { exists } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { openProgress } from '../core/progress.ts'
import { openFeatures } from '../network/features.ts'
import { featuresOf } from '../network/network.ts'
import { predictPart } from '../network/predict.ts'
import type { SavedModel } from '../network/saved.ts'
import { EVALUATED_PARTS, type EvaluatedPart, type Prediction } from '../scores/predictions.ts'
import { graphAfter, graphUpTo } from '../tensorflow/graph.ts'
import { openInference } from '../tensorflow/inference.ts'
import { type Evaluation, measure } from './measure.ts'
import type { EvaluateStageParams } from './params.ts'

/** Evaluates a saved model on every image that it was not trained on: validation, holdout and test. */
export async function evaluateModel(
  model: SavedModel,
  { seed, evaluate: { batchSize, bootstrapSamples } }: EvaluateStageParams,
): Promise<Evaluation> {
  const { classes } = model
  const predictor = openPredictor(model, batchSize)
  try {
    const predictions: Prediction[][] = []
    for (const part of EVALUATED_PARTS) {
      const images = await openImages(part, classes)
      try {
        predictions.push(await predictor.predict(images, part))
      } finally {
        await images.close()
      }
    }
    return measure(predictions.flat(), { classes, seed, bootstrapSamples, groups: await readGroups() })
  } finally {
    predictor.dispose()
  }
}

/** The group of each image that has near duplicates, by id, as split grouped them. */
async function readGroups(): Promise<Map<string, string>> {
  const rows = (await exists(paths.groups)) ? await readCsv(paths.groups, ['group', 'id']) : []
  return new Map(rows.map(({ id, group }) => [id, `group ${group}`]))
}

/** A saved model that predicts packed images; dispose it. */
export interface Predictor {
  predict(images: Images, part: EvaluatedPart): Promise<Prediction[]>
  dispose(): void
}

/**
 * Opens a saved model for packed images, which it predicts batch by batch.
 *
 * Training leaves the backbone of a `transfer` model unchanged, so its features come from the cache that training filled, and
 * only the head runs. The bits are the same with and without the cache.
 */
export function openPredictor(model: SavedModel, batchSize: number): Predictor {
  const { config, graph, weights, classes, image } = model
  const options = {
    inputShape: [image.size, image.size, 3],
    engine: 'compiled',
    batchSize,
    batchSizeKey: 'evaluate.batchSize',
  } as const
  if (model.mode === 'transfer') {
    const layer = featuresOf(graph)
    const head = graphAfter(graph, layer)
    const width = head.at(-1)?.weights[0]?.shape[0] ?? Number.NaN // of the kernel [C, K]
    const frozen = { graph: graphUpTo(graph, layer), weights }
    // Threads are independent of training's: in batches of 8 and 32, 1 to 8 threads gave the same bits.
    const numerics = { deterministic: false, threads: null }
    const backbone = openFeatures(frozen, { ...options, stage: `evaluate@${config}`, ...numerics })
    const inference = openInference({ graph: head, weights }, { ...options, inputShape: [width] })
    return {
      predict: async (images, part) => {
        const examples = await backbone.extract(images, part)
        return predictPart(inference, { examples, part, classes, batchSize })
      },
      dispose: () => {
        inference.dispose()
        backbone.dispose()
      },
    }
  }
  const inference = openInference({ graph, weights }, options)
  return {
    predict: async (examples, part) => {
      using progress = openProgress(`evaluate@${config}: ${part}`, examples.count)
      return await predictPart(inference, { examples, part, classes, batchSize }, (done) => progress.update(done))
    },
    dispose: inference.dispose,
  }
}
