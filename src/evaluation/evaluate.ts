import type { Params } from '../config/schema.ts'
import { openPictures } from '../dataset/batches.ts'
import type { SavedModel } from '../models/saved.ts'
import { type Evaluation, measure } from './measure.ts'
import { EVALUATED_PARTS, type Prediction } from './predictions.ts'
import { openPredictor } from './predictor.ts'

/** What a model says of every picture that it was not trained on, validation, holdout and test, and how good that is. */
export async function evaluateModel(
  model: SavedModel,
  { seed, evaluate: { batchSize, bootstrapSamples } }: Pick<Params, 'seed' | 'evaluate'>,
): Promise<Evaluation> {
  const { classes } = model
  const predictor = openPredictor(model, batchSize)
  try {
    const predictions: Prediction[] = []
    for (const part of EVALUATED_PARTS) {
      const pictures = await openPictures(part, classes)
      try {
        predictions.push(...(await predictor.predict(pictures, part)))
      } finally {
        await pictures.close()
      }
    }
    return measure(predictions, { classes, seed, bootstrapSamples })
  } finally {
    predictor.dispose()
  }
}
