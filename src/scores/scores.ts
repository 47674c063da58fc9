import type { ConfusionMatrix } from './confusion.ts'
import type { Prediction } from './predictions.ts'

/** How well one class is told apart; fractions in [0, 1]. */
export interface ClassScores {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** Images that are of the class. */
  readonly support: number
}

/** All images of a matrix. */
export function imageCount({ counts }: ConfusionMatrix): number {
  return sum(counts.map(sum))
}

/** The images that were taken for what they are. */
export function correctCount({ counts }: ConfusionMatrix): number {
  return sum(counts.map((row, place) => row[place] ?? 0))
}

/**
 * Precision TP / (TP + FP), recall TP / (TP + FN), F1 2TP / (2TP + FP + FN) and support of each class.
 *
 * What would be 0 / 0 counts as 0, as in scikit-learn with `zero_division=0`.
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.precision_recall_fscore_support.html
 */
export function perClass({ classes, counts }: ConfusionMatrix): Record<string, ClassScores> {
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

/** Macro precision: the unweighted mean over all classes, those without images too, in [0, 1]. */
export function macroPrecision(matrix: ConfusionMatrix): number {
  return macro(matrix, 'precision')
}

/** Macro recall: the unweighted mean over all classes, those without images too, in [0, 1]. */
export function macroRecall(matrix: ConfusionMatrix): number {
  return macro(matrix, 'recall')
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

/**
 * Mean of -ln(probability of the label), in nats; NaN without predictions.
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

function macro(matrix: ConfusionMatrix, score: 'precision' | 'recall' | 'f1'): number {
  const scores = Object.values(perClass(matrix)).map((ofClass) => ofClass[score])
  return ratio(sum(scores), scores.length)
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
