import { openImages } from '../batches/batches.ts'
import type { SavedModel } from '../network/saved.ts'
import { EVALUATED_PARTS, type Prediction } from '../scores/predictions.ts'
import { type Evaluation, measure } from './measure.ts'
import type { EvaluateStageParams } from './params.ts'
import { openPredictor } from './predictor.ts'

/** What a model says of every image that it was not trained on, validation, holdout and test, and how good that is. */
export async function evaluateModel(
  model: SavedModel,
  { seed, evaluate: { batchSize, bootstrapSamples } }: EvaluateStageParams,
): Promise<Evaluation> {
  const { classes } = model
  const predictor = openPredictor(model, batchSize)
  try {
    const predictions: Prediction[] = []
    for (const part of EVALUATED_PARTS) {
      const images = await openImages(part, classes)
      try {
        predictions.push(...(await predictor.predict(images, part)))
      } finally {
        await images.close()
      }
    }
    return measure(predictions, { classes, seed, bootstrapSamples })
  } finally {
    predictor.dispose()
  }
}
