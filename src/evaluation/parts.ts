import { type ConfusionMatrix, confusionMatrix } from './confusion.ts'
import { clopperPearson } from './interval.ts'
import type { PartMetrics } from './metrics.ts'
import { byPart, classify, type EvaluatedPart, type Prediction } from './predictions.ts'
import { correctCount, imageCount, logLoss, macroF1, macroPrecision, macroRecall, perClass } from './scores.ts'

/** The scores and the confusion matrix of each part. */
export interface Evaluation {
  readonly metrics: Record<EvaluatedPart, PartMetrics>
  readonly confusion: Record<EvaluatedPart, ConfusionMatrix>
}

/** Scores the predictions part by part. @throws DataError that names the images with an unknown label or NaN. */
export function evaluateParts(predictions: readonly Prediction[], classes: readonly string[]): Evaluation {
  const images = classify(predictions, classes)
  const ofPart = byPart((part) => images.filter((image) => image.part === part))
  const confusion = byPart((part) => confusionMatrix(ofPart[part], classes))
  return { confusion, metrics: byPart((part) => scorePart(confusion[part], logLoss(ofPart[part], classes))) }
}

/** The scores that a confusion matrix amounts to, with a loss worked out elsewhere. */
export function scorePart(matrix: ConfusionMatrix, loss: number): PartMetrics {
  const images = imageCount(matrix)
  if (images === 0) return WITHOUT_IMAGES
  const correct = correctCount(matrix)
  const { low, high } = clopperPearson(correct, images)
  return {
    images,
    correct,
    accuracy: correct / images,
    ci_low: low,
    ci_high: high,
    macro_precision: macroPrecision(matrix),
    macro_recall: macroRecall(matrix),
    macro_f1: macroF1(matrix),
    loss,
    per_class: perClass(matrix),
  }
}

const WITHOUT_IMAGES: PartMetrics = {
  images: 0,
  correct: 0,
  accuracy: Number.NaN,
  ci_low: Number.NaN,
  ci_high: Number.NaN,
  macro_precision: Number.NaN,
  macro_recall: Number.NaN,
  macro_f1: Number.NaN,
  loss: Number.NaN,
  per_class: {},
}
