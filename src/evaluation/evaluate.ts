import type { EvaluateParams } from '../config/schema.ts'
import { openPictures } from '../dataset/batches.ts'
import type { SavedModel } from '../models/saved.ts'
import { openInference } from '../tensorflow/inference.ts'
import { type Evaluation, evaluateParts } from './parts.ts'
import { predictPart } from './predict.ts'
import { EVALUATED_PARTS, type Prediction } from './predictions.ts'

/** What a model says of every picture that it was not trained on, and how good that is. */
export interface ModelEvaluation extends Evaluation {
  readonly predictions: readonly Prediction[]
}

/** Runs a saved model over validation, holdout and test. */
export async function evaluateModel(model: SavedModel, { batchSize }: EvaluateParams): Promise<ModelEvaluation> {
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
    return { predictions, ...evaluateParts(predictions, classes) }
  } finally {
    inference.dispose()
  }
}
