import type { Params } from '../config/schema.ts'
import { openPictures } from '../dataset/batches.ts'
import type { SavedModel } from '../models/saved.ts'
import { openInference } from '../tensorflow/inference.ts'
import { type Evaluation, measure } from './measure.ts'
import { predictPart } from './predict.ts'
import { EVALUATED_PARTS, type Prediction } from './predictions.ts'

/** What a model says of every picture that it was not trained on, validation, holdout and test, and how good that is. */
export async function evaluateModel(
  model: SavedModel,
  { seed, evaluate: { batchSize, bootstrapSamples } }: Pick<Params, 'seed' | 'evaluate'>,
): Promise<Evaluation> {
  const { graph, weights, classes, image } = model
  const inference = openInference({ graph, weights }, { inputShape: [image.size, image.size, 3], engine: 'compiled' })
  try {
    const predictions: Prediction[] = []
    for (const part of EVALUATED_PARTS) {
      const examples = await openPictures(part, classes)
      try {
        predictions.push(...(await predictPart(inference, { examples, part, classes, batchSize })))
      } finally {
        await examples.close()
      }
    }
    return measure(predictions, { classes, seed, bootstrapSamples })
  } finally {
    inference.dispose()
  }
}
