import type { Rng } from '../core/random.ts'
import type { Interval } from '../scores/interval.ts'
import type { CalibratedImage } from '../scores/predictions.ts'
import { imageBriers, imageLosses, macroF1 } from '../scores/scores.ts'

/** Scores whose interval comes from resampling; loss and Brier score are those of the calibrated probabilities. */
const SCORES = ['macro_f1', 'macro_auc', 'loss', 'brier'] as const
type ResampledScore = (typeof SCORES)[number]

interface BootstrapOptions {
  readonly classes: readonly string[]
  /** The group of an image, whose members are drawn together; by default each image is its own group. */
  readonly groupOf?: (image: CalibratedImage) => string
  readonly rng: Rng
  readonly samples: number
  readonly confidence?: number
}

/**
 * Intervals by stratified bootstrap (percentile method): each sample draws groups of images with replacement, as many of each class
 * as there are. NaN without images.
 *
 * Where every image is right, both ends of macro F1 are the score itself, which says nothing. The area under the curve costs a
 * pass over all images for each class and sample, so many classes of many images get fewer samples of it.
 * Source: Efron and Tibshirani, An Introduction to the Bootstrap, chapters 8 and 13.
 */
export function bootstrapScores(
  images: readonly CalibratedImage[],
  { classes, groupOf = ({ id }) => id, rng, samples, confidence = 0.95 }: BootstrapOptions,
): Record<ResampledScore, Interval> {
  const places = new Map(classes.map((name, place) => [name, place]))
  const labels = Int32Array.from(images, ({ label }) => places.get(label) ?? 0)
  const predicted = Int32Array.from(images, ({ prediction }) => places.get(prediction) ?? 0)
  const calibrated = images.map((image) => ({ ...image, probabilities: image.calibrated }))
  const losses = Float64Array.from(imageLosses(calibrated, classes))
  const briers = Float64Array.from(imageBriers(calibrated, classes))
  const areaSamples = Math.min(samples, Math.floor(MOST_AREA_STEPS / (classes.length * images.length)))
  const curves = areaSamples < FEWEST_SAMPLES ? [] : classes.map((_, place) => curveOf(images, place))
  const strata = classes.map((_, place) => unitsOf(images, { labels, predicted, place, groupOf }))
  const found: Record<ResampledScore, number[]> = { macro_f1: [], macro_auc: [], loss: [], brier: [] }
  const times = new Int32Array(images.length) // how often a sample has each image
  for (let sample = 0; sample < (images.length > 0 ? samples : 0); sample++) {
    times.fill(0)
    for (const units of strata) drawUnits(units, times, rng)
    found.macro_f1.push(macroF1({ classes, counts: weightedCounts(labels, predicted, times, classes.length) }))
    found.loss.push(weightedMean(losses, times))
    found.brier.push(weightedMean(briers, times))
    if (sample < areaSamples && curves.length > 0) found.macro_auc.push(weightedMacroAuc(curves, labels, times))
  }
  const tail = (1 - confidence) / 2
  const interval = (values: readonly number[]): Interval => {
    const sorted = Float64Array.from(values).sort()
    return { low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) }
  }
  return {
    macro_f1: interval(found.macro_f1),
    macro_auc: interval(found.macro_auc),
    loss: interval(found.loss),
    brier: interval(found.brier),
  }
}

/** Classes times images times samples of the area under the curve: about a second. */
const MOST_AREA_STEPS = 1e8
/** Fewer samples say nothing about the ends of an interval. */
const FEWEST_SAMPLES = 100

/**
 * The calibration error, over the same bins, of answers that are right as often as their probabilities say: its mean and 95th
 * percentile over samples. NaN without answers.
 *
 * @param bins the probabilities in each bin
 */
export function perfectCalibrationError(
  bins: readonly (readonly number[])[],
  { rng, samples }: { readonly rng: Rng; readonly samples: number },
): { readonly expected: number; readonly p95: number } {
  const images = bins.reduce((sum, { length }) => sum + length, 0)
  const errors = new Float64Array(samples).map(() => {
    let error = 0
    for (const bin of bins) {
      let excess = 0
      for (const probability of bin) excess += (rng() < probability ? 1 : 0) - probability
      error += Math.abs(excess)
    }
    return error / images
  })
  errors.sort()
  return { expected: errors.reduce((sum, error) => sum + error, 0) / samples, p95: quantile(errors, 0.95) }
}

/** The groups of a class, each as the rows of its images, sorted by the class that is predicted for the first. */
function unitsOf(
  images: readonly CalibratedImage[],
  {
    labels,
    predicted,
    place,
    groupOf,
  }: {
    readonly labels: Int32Array
    readonly predicted: Int32Array
    readonly place: number
    readonly groupOf: (image: CalibratedImage) => string
  },
): number[][] {
  const rows = images.flatMap((_, row) => (labels[row] === place ? [row] : []))
  const groups = [...Map.groupBy(rows, (row) => groupOf(images[row] as CalibratedImage)).values()]
  const predictedFirst = ([row = 0]: readonly number[]): number => predicted[row] ?? 0
  return groups.sort((a, b) => predictedFirst(a) - predictedFirst(b))
}

/** Draws as many units as there are, with replacement, and counts their images in `times`. */
function drawUnits(units: readonly (readonly number[])[], times: Int32Array, rng: Rng): void {
  for (let draw = 0; draw < units.length; draw++) {
    for (const row of units[Math.floor(rng() * units.length)] ?? []) times[row] = (times[row] ?? 0) + 1
  }
}

function weightedCounts(labels: Int32Array, predicted: Int32Array, times: Int32Array, classCount: number): number[][] {
  const counts = Array.from({ length: classCount }, () => Array<number>(classCount).fill(0))
  for (let row = 0; row < times.length; row++) {
    const ofLabel = counts[labels[row] ?? 0] as number[]
    const column = predicted[row] ?? 0
    ofLabel[column] = (ofLabel[column] ?? 0) + (times[row] ?? 0)
  }
  return counts
}

function weightedMean(values: Float64Array, times: Int32Array): number {
  let [sum, count] = [0, 0]
  for (let row = 0; row < times.length; row++) {
    sum += (times[row] ?? 0) * (values[row] ?? Number.NaN)
    count += times[row] ?? 0
  }
  return sum / count
}

/** The images by rising probability of a class. */
interface Curve {
  readonly place: number
  readonly rows: Int32Array
  /** 1 where the next image has the same probability. */
  readonly ties: Uint8Array
}

function curveOf(images: readonly CalibratedImage[], place: number): Curve {
  const values = Float64Array.from(images, ({ probabilities }) => probabilities[place] ?? Number.NaN)
  const rows = Int32Array.from(images.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
  return { place, rows, ties: Uint8Array.from(rows, (row, i) => (values[row] === values[rows[i + 1] ?? -1] ? 1 : 0)) }
}

/** `macroAuc` of the classes in a sample, by pairs of a positive and a negative image. */
function weightedMacroAuc(curves: readonly Curve[], labels: Int32Array, times: Int32Array): number {
  let [sum, known] = [0, 0]
  for (const { place, rows, ties } of curves) {
    let [below, positives, wins, tiedPositives, tiedNegatives] = [0, 0, 0, 0, 0]
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] ?? 0
      if (labels[row] === place) tiedPositives += times[row] ?? 0
      else tiedNegatives += times[row] ?? 0
      if (ties[i] === 1) continue
      wins += tiedPositives * (below + tiedNegatives / 2)
      below += tiedNegatives
      positives += tiedPositives
      tiedPositives = 0
      tiedNegatives = 0
    }
    if (positives === 0 || below === 0) continue
    sum += wins / (positives * below)
    known++
  }
  return sum / known
}

/** The quantile of sorted numbers, interpolated linearly as in `numpy.quantile`. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}
