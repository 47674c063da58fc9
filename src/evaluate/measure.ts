import { seededRng } from '../core/random.ts'
import {
  type Bin,
  byWidth,
  calibrationError,
  certaintiesOf,
  equalMassBins,
  equalWidthBins,
} from '../scores/calibration.ts'
import { type ConfusionMatrix, confusionMatrix } from '../scores/confusion.ts'
import { accuracyAtLeast, independentImages } from '../scores/interval.ts'
import type { PartMetrics, ProbabilityScores } from '../scores/metrics.ts'
import {
  byPart,
  type CalibratedImage,
  classify,
  type EvaluatedPart,
  type PredictedImage,
  type Prediction,
} from '../scores/predictions.ts'
import { brierScore, logLoss, scorePart } from '../scores/scores.ts'
import { atTemperature, fitTemperature, type Temperature } from '../scores/temperature.ts'
import { aucPerClass, macroAuc } from './auc.ts'
import { bootstrapScores, perfectCalibrationError } from './bootstrap.ts'

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
  /** The group of each image that has near duplicates, by id. */
  readonly groups?: ReadonlyMap<string, string>
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
  { classes, seed, bootstrapSamples: samples, groups, part }: MeasureParams & { part: EvaluatedPart },
): PartMetrics {
  const groupOf = ({ id }: CalibratedImage): string => groups?.get(id) ?? id
  const sizes = [...Map.groupBy(images, groupOf).values()].map(({ length }) => length)
  const ofImages = (value: number) => (images.length > 0 ? value : Number.NaN)
  const independent = ofImages(independentImages(sizes))
  const probabilities = scoreProbabilities(images, classes)
  const scores = scorePart(matrix, probabilities.loss, independent)
  const intervals = bootstrapScores(images, { classes, groupOf, rng: seededRng(seed, 'bootstrap', part), samples })
  const areas = aucPerClass(images, classes)
  const perClass = [...scores.per_class].map(
    ([name, { support, ...ofClass }]) => [name, { ...ofClass, auc: areas.get(name) ?? Number.NaN, support }] as const,
  )
  const calibrated = asCalibrated(images)
  const bins = byWidth(certaintiesOf(calibrated, classes)).map(([, members]) => members.map((each) => each.probability))
  const perfect = perfectCalibrationError(bins, { rng: seededRng(seed, 'calibration', part), samples })
  return {
    ...scores,
    independent,
    accuracy_at_least: ofImages(accuracyAtLeast({ ...scores, independent })),
    macro_f1_low: intervals.macro_f1.low,
    macro_f1_high: intervals.macro_f1.high,
    macro_auc: macroAuc(areas),
    macro_auc_low: intervals.macro_auc.low,
    macro_auc_high: intervals.macro_auc.high,
    ...probabilities,
    calibrated: {
      ...scoreProbabilities(calibrated, classes),
      loss_low: intervals.loss.low,
      loss_high: intervals.loss.high,
      brier_low: intervals.brier.low,
      brier_high: intervals.brier.high,
      calibration_error_expected: perfect.expected,
      calibration_error_p95: perfect.p95,
    },
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
