import { seededRng } from '../core/random.ts'
import {
  type Bin,
  brierScore,
  calibrationError,
  certaintiesOf,
  equalMassBins,
  equalWidthBins,
} from '../scores/calibration.ts'
import { type ConfusionMatrix, confusionMatrix } from '../scores/confusion.ts'
import { lowerBound } from '../scores/interval.ts'
import type { PartMetrics, ProbabilityScores } from '../scores/metrics.ts'
import {
  byPart,
  type CalibratedImage,
  classify,
  type EvaluatedPart,
  type PredictedImage,
  type Prediction,
} from '../scores/predictions.ts'
import { logLoss, scorePart } from '../scores/scores.ts'
import { atTemperature, fitTemperature, type Temperature } from '../scores/temperature.ts'
import { aucPerClass, macroAuc } from './auc.ts'
import { bootstrapMacroF1 } from './bootstrap.ts'

/** The scores of predictions, part by part, and the temperature that calibrates their probabilities. */
export interface Evaluation {
  readonly images: readonly CalibratedImage[]
  readonly calibration: Temperature
  readonly metrics: Record<EvaluatedPart, PartMetrics>
  readonly confusion: Record<EvaluatedPart, ConfusionMatrix>
  /** Reliability tables of the calibrated probabilities. */
  readonly reliability: Record<EvaluatedPart, readonly Bin[]>
}

export interface MeasureParams {
  readonly classes: readonly string[]
  readonly seed: number
  readonly bootstrapSamples: number
}

/**
 * Scores predictions part by part; the temperature is fitted on validation alone.
 *
 * @throws DataError that names the images with an unknown label or a probability that is not finite.
 */
export function measure(predictions: readonly Prediction[], params: MeasureParams): Evaluation {
  const { classes } = params
  const predicted = classify(predictions, classes)
  const validation = predicted.filter(({ part }) => part === 'validation')
  const calibration = fitTemperature(validation, classes)
  const images = predicted.map((image) => ({
    ...image,
    calibrated: atTemperature(image.probabilities, calibration.temperature),
  }))
  const ofPart = byPart((part) => images.filter((image) => image.part === part))
  const confusion = byPart((part) => confusionMatrix(ofPart[part], classes))
  return {
    images,
    calibration,
    confusion,
    metrics: byPart((part) => measurePart(ofPart[part], confusion[part], { ...params, part })),
    reliability: byPart((part) => equalWidthBins(certaintiesOf(asCalibrated(ofPart[part]), classes))),
  }
}

function measurePart(
  images: readonly CalibratedImage[],
  matrix: ConfusionMatrix,
  { classes, seed, bootstrapSamples, part }: MeasureParams & { part: EvaluatedPart },
): PartMetrics {
  const probabilities = scoreProbabilities(images, classes)
  const scores = scorePart(matrix, probabilities.loss)
  const rng = seededRng(seed, 'bootstrap', part)
  const interval = bootstrapMacroF1(matrix, { rng, samples: bootstrapSamples })
  const areas = aucPerClass(images, classes)
  const perClass = [...scores.per_class].map(
    ([name, { support, ...ofClass }]) => [name, { ...ofClass, auc: areas.get(name) ?? Number.NaN, support }] as const,
  )
  return {
    ...scores,
    accuracy_at_least: images.length > 0 ? lowerBound(scores.correct, images.length) : Number.NaN,
    macro_f1_low: interval.low,
    macro_f1_high: interval.high,
    macro_auc: macroAuc(areas),
    ...probabilities,
    calibrated: scoreProbabilities(asCalibrated(images), classes),
    per_class: new Map(perClass),
  }
}

/** Log loss, Brier score and calibration errors; NaN without images. */
function scoreProbabilities(images: readonly PredictedImage[], classes: readonly string[]): ProbabilityScores {
  const certainties = certaintiesOf(images, classes)
  return {
    loss: logLoss(images, classes),
    brier: brierScore(images, classes),
    calibration_error: calibrationError(equalWidthBins(certainties)),
    calibration_error_equal_mass: calibrationError(equalMassBins(certainties)),
  }
}

function asCalibrated(images: readonly CalibratedImage[]): PredictedImage[] {
  return images.map(({ calibrated, ...image }) => ({ ...image, probabilities: calibrated }))
}
