import { type ConfusionMatrix, confusionMatrix } from './confusion.ts'
import { accuracyInterval } from './interval.ts'
import type { ClassMetrics, PartMetrics } from './metrics.ts'
import { classify, type Prediction } from './predictions.ts'

type ClassScores = Omit<ClassMetrics, 'auc'>

/** The part of a part's metrics that a confusion matrix gives, and the log loss. */
export interface PartScores
  extends Pick<PartMetrics, 'images' | 'correct' | 'accuracy' | 'ci_low' | 'ci_high' | `macro_${ClassScore}` | 'loss'> {
  /** In the order of the classes. */
  readonly per_class: ReadonlyMap<string, ClassScores>
}
type ClassScore = 'precision' | 'recall' | 'f1'

/** Scores predictions. @throws DataError that names the images with an unknown label or a probability that is not finite. */
export function scorePredictions(predictions: readonly Prediction[], classes: readonly string[]): PartScores {
  return scorePart(confusionMatrix(classify(predictions, classes), classes), logLoss(predictions, classes))
}

/**
 * The scores of a confusion matrix, and the log loss, which it cannot give; without images all are NaN.
 *
 * @param independent effective number of images (`independentImages`), for the interval; by default all
 */
export function scorePart(matrix: ConfusionMatrix, loss: number, independent?: number): PartScores {
  const images = sum(matrix.counts.map(sum))
  const correct = sum(matrix.counts.map((row, place) => row[place] ?? 0))
  const { low, high } = accuracyInterval({ correct, images, independent })
  const ofImages = (value: number) => (images > 0 ? value : Number.NaN)
  return {
    images,
    correct,
    accuracy: ofImages(correct / images),
    ci_low: ofImages(low),
    ci_high: ofImages(high),
    macro_precision: ofImages(macro(matrix, 'precision')),
    macro_recall: ofImages(macro(matrix, 'recall')),
    macro_f1: ofImages(macroF1(matrix)),
    loss: ofImages(loss),
    per_class: images > 0 ? perClass(matrix) : new Map(),
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
function macro(matrix: ConfusionMatrix, score: ClassScore): number {
  const scores = [...perClass(matrix).values()].map((ofClass) => ofClass[score])
  return ratio(sum(scores), scores.length)
}

/**
 * Precision TP / (TP + FP), recall TP / (TP + FN), F1 2TP / (2TP + FP + FN) and support of each class, by its name.
 *
 * 0 / 0 counts as 0, as in scikit-learn with `zero_division=0`.
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.precision_recall_fscore_support.html
 */
function perClass({ classes, counts }: ConfusionMatrix): Map<string, ClassScores> {
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
  return new Map(scores)
}

/**
 * Log loss: the mean of -ln(probability of the label), in nats; NaN without predictions.
 *
 * Probabilities are kept within [e, 1 - e], e = 2.2e-16, as in scikit-learn for float64.
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.log_loss.html
 */
export function logLoss(predictions: readonly Prediction[], classes: readonly string[]): number {
  return mean(imageLosses(predictions, classes))
}

/** The loss of each image. */
export function imageLosses(predictions: readonly Prediction[], classes: readonly string[]): number[] {
  const places = new Map(classes.map((name, place) => [name, place]))
  return predictions.map(({ label, probabilities }) => {
    const probability = probabilities[places.get(label) ?? -1] ?? Number.NaN
    return -Math.log(Math.min(Math.max(probability, Number.EPSILON), 1 - Number.EPSILON))
  })
}

/**
 * Brier score: the mean over images of the squared distance between the probabilities and the one-hot label, in [0, 2].
 *
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.brier_score_loss.html
 */
export function brierScore(predictions: readonly Prediction[], classes: readonly string[]): number {
  return mean(imageBriers(predictions, classes))
}

/** The Brier score of each image. */
export function imageBriers(predictions: readonly Prediction[], classes: readonly string[]): number[] {
  return predictions.map(({ label, probabilities }) =>
    sum(classes.map((name, place) => ((probabilities[place] ?? Number.NaN) - (name === label ? 1 : 0)) ** 2)),
  )
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
