import { type Images, openImages } from '../batches/batches.ts'
import { readCsv } from '../core/csv.ts'
import { exists } from '../core/files.ts'
import { type Part, paths } from '../core/paths.ts'
import { type FeatureExtractor, openFeatures } from '../network/features.ts'
import { featuresOf } from '../network/network.ts'
import { predictPart } from '../network/predict.ts'
import type { SavedModel } from '../network/saved.ts'
import { EVALUATED_PARTS, type EvaluatedPart, type Prediction } from '../scores/predictions.ts'
import { graphAfter, graphUpTo } from '../tensorflow/graph.ts'
import { openInference } from '../tensorflow/inference.ts'
import { type Evaluation, measure } from './measure.ts'
import { chooseReferences, type MeasuredNovelty, measureNovelty } from './novelty.ts'
import type { EvaluateStageParams } from './params.ts'

/** Evaluates a saved model on every image that it was not trained on: validation, holdout and test. */
export async function evaluateModel(
  model: SavedModel,
  { seed, evaluate: { batchSize, bootstrapSamples, falseRefusals } }: EvaluateStageParams,
): Promise<Evaluation & { readonly novelty: MeasuredNovelty }> {
  const { classes } = model
  const predictor = openPredictor(model, batchSize)
  const withImages = async <T>(part: Part, work: (images: Images) => Promise<T>): Promise<T> => {
    const images = await openImages(part, classes)
    return work(images).finally(() => images.close())
  }
  try {
    const predictions: SeenPrediction[] = []
    for (const part of EVALUATED_PARTS) {
      const ofPart = await withImages(part, (images) => predictor.predict(images, part))
      for (const each of ofPart) predictions.push(each) // as arguments, more than 120,000 overflow the stack
    }
    const evaluation = measure(predictions, { classes, seed, bootstrapSamples, groups: await readGroups() })
    const references = await withImages('train', (images) =>
      predictor.extract(chooseReferences(images, classes.length), 'references'),
    )
    const novelty = await measureNovelty(references, predictions, {
      classes,
      layer: featuresOf(model.graph),
      rate: falseRefusals,
      isFrozen: model.mode === 'transfer',
    })
    return { ...evaluation, novelty }
  } finally {
    predictor.dispose()
  }
}

/** The group of each image that has near duplicates, by id, as split grouped them. */
async function readGroups(): Promise<Map<string, string>> {
  const rows = (await exists(paths.groups)) ? await readCsv(paths.groups, ['group', 'id']) : []
  return new Map(rows.map(({ id, group }) => [id, `group ${group}`]))
}

/** A prediction with the features that it follows from, `[C]`. */
export interface SeenPrediction extends Prediction {
  readonly features: Float32Array
}

/** A saved model that predicts packed images; dispose it. */
export interface Predictor extends FeatureExtractor {
  predict(images: Images, part: EvaluatedPart): Promise<SeenPrediction[]>
}

/**
 * Opens a saved model for packed images, which it predicts batch by batch: first their features, then the head.
 *
 * Training leaves the backbone of a `transfer` model unchanged, so its features come from the cache that training filled, and
 * only the head runs. The bits are the same with and without the cache.
 */
export function openPredictor(model: SavedModel, batchSize: number): Predictor {
  const { config, graph, weights, classes, image } = model
  const layer = featuresOf(graph)
  const head = graphAfter(graph, layer)
  const width = head.at(-1)?.weights[0]?.shape[0] ?? Number.NaN // of the kernel [C, K]
  const options = { engine: 'compiled', batchSize, batchSizeKey: 'evaluate.batchSize' } as const
  const backbone = openFeatures(
    { graph: graphUpTo(graph, layer), weights },
    {
      ...options,
      stage: `evaluate@${config}`,
      inputShape: [image.size, image.size, 3],
      isCached: model.mode === 'transfer',
      // Threads are independent of training's: in batches of 8 and 32, 1 to 8 threads gave the same bits.
      deterministic: false,
      threads: null,
    },
  )
  const inference = openInference({ graph: head, weights }, { ...options, inputShape: [width] })
  return {
    extract: backbone.extract,
    predict: async (images, part) => {
      const examples = await backbone.extract(images, part)
      const predictions = await predictPart(inference, { examples, part, classes, batchSize })
      const features = (await examples.read([...predictions.keys()])) as Float32Array
      return predictions.map((each, row) => ({ ...each, features: features.subarray(row * width, (row + 1) * width) }))
    },
    dispose: () => {
      inference.dispose()
      backbone.dispose()
    },
  }
}
