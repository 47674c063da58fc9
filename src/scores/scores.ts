import { type ConfusionMatrix, confusionMatrix } from './confusion.ts'
import { clopperPearson } from './interval.ts'
import { classify, type Prediction } from './predictions.ts'

/** Precision, recall and F1 of one class; fractions in [0, 1]. */
export interface ClassScores {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** Number of images with this label. */
  readonly support: number
}

/** The scores on some images, with the keys of metrics.json; without images all are NaN and `per_class` is empty. */
export interface PartScores {
  readonly images: number
  readonly correct: number
  readonly accuracy: number
  /** Exact two-sided 95 % interval of the accuracy. */
  readonly ci_low: number
  readonly ci_high: number
  readonly macro_precision: number
  readonly macro_recall: number
  readonly macro_f1: number
  /** Log loss, in nats. */
  readonly loss: number
  readonly per_class: Readonly<Record<string, ClassScores>>
}

const NO_IMAGES: PartScores = {
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

/** Scores predictions. @throws DataError that names the images with an unknown label or a probability that is not finite. */
export function scorePredictions(predictions: readonly Prediction[], classes: readonly string[]): PartScores {
  return scorePart(confusionMatrix(classify(predictions, classes), classes), logLoss(predictions, classes))
}

/** The scores of a confusion matrix, and the log loss, which it cannot give. */
export function scorePart(matrix: ConfusionMatrix, loss: number): PartScores {
  const images = sum(matrix.counts.map(sum))
  if (images === 0) return NO_IMAGES
  const correct = sum(matrix.counts.map((row, place) => row[place] ?? 0))
  const { low, high } = clopperPearson(correct, images)
  return {
    images,
    correct,
    accuracy: correct / images,
    ci_low: low,
    ci_high: high,
    macro_precision: macro(matrix, 'precision'),
    macro_recall: macro(matrix, 'recall'),
    macro_f1: macroF1(matrix),
    loss,
    per_class: perClass(matrix),
  }
}

/**
 * Macro F1: the unweighted mean over classes of 2TP / (2TP + FP + FN), in [0, 1].
 *
 * A class that is neither present nor predicted counts as 0, as in scikit-learn with `labels` and `zero_division=0`.
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.f1_score.html
 */
export function macroF1(matrix: ConfusionMatrix): number {
  return macro(matrix, 'f1')
}

/** Unweighted mean of a score over all classes, those without images too, in [0, 1]. */
function macro(matrix: ConfusionMatrix, score: 'precision' | 'recall' | 'f1'): number {
  const scores = Object.values(perClass(matrix)).map((ofClass) => ofClass[score])
  return ratio(sum(scores), scores.length)
}

/**
 * Precision TP / (TP + FP), recall TP / (TP + FN), F1 2TP / (2TP + FP + FN) and support of each class, by its name.
 *
 * 0 / 0 counts as 0, as in scikit-learn with `zero_division=0`.
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.precision_recall_fscore_support.html
 */
function perClass({ classes, counts }: ConfusionMatrix): Record<string, ClassScores> {
  const scores = classes.map((name, place) => {
    const truePositives = counts[place]?.[place] ?? 0
    const support = sum(counts[place] ?? [])
    const predicted = sum(counts.map((row) => row[place] ?? 0))
    return [
      name,
      {
        precision: ratio(truePositives, predicted),
        recall: ratio(truePositives, support),
        f1: ratio(2 * truePositives, support + predicted),
        support,
      },
    ] as const
  })
  return Object.fromEntries(scores)
}

/**
 * Log loss: the mean of -ln(probability of the label), in nats; NaN without predictions.
 *
 * Probabilities are kept within [e, 1 - e], e = 2.2e-16, as in scikit-learn for float64.
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.log_loss.html
 */
export function logLoss(predictions: readonly Prediction[], classes: readonly string[]): number {
  const places = new Map(classes.map((name, place) => [name, place]))
  const losses = predictions.map(({ label, probabilities }) => {
    const probability = probabilities[places.get(label) ?? -1] ?? Number.NaN
    return -Math.log(Math.min(Math.max(probability, Number.EPSILON), 1 - Number.EPSILON))
  })
  return sum(losses) / losses.length
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
