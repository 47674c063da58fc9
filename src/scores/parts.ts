import { type ConfusionMatrix, confusionMatrix } from './confusion.ts'
import { clopperPearson } from './interval.ts'
import { classify, type Prediction } from './predictions.ts'
import {
  type ClassScores,
  correctCount,
  imageCount,
  logLoss,
  macroF1,
  macroPrecision,
  macroRecall,
  perClass,
} from './scores.ts'

/** The scores on some images, with the keys of metrics.json; without images all are NaN and `per_class` is empty. */
export interface PartScores {
  readonly images: number
  readonly correct: number
  readonly accuracy: number
  /** The exact 95 % interval of the accuracy. */
  readonly ci_low: number
  readonly ci_high: number
  readonly macro_precision: number
  readonly macro_recall: number
  readonly macro_f1: number
  /** Log loss of the labels, in nats. */
  readonly loss: number
  readonly per_class: Readonly<Record<string, ClassScores>>
}

/** Scores predictions. @throws DataError that names the images with an unknown label or a probability that is not finite. */
export function scorePredictions(predictions: readonly Prediction[], classes: readonly string[]): PartScores {
  return scorePart(confusionMatrix(classify(predictions, classes), classes), logLoss(predictions, classes))
}

/** The scores that a confusion matrix amounts to, with a loss worked out elsewhere. */
export function scorePart(matrix: ConfusionMatrix, loss: number): PartScores {
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

const WITHOUT_IMAGES: PartScores = {
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
