import type { PredictedImage, Prediction } from './predictions.ts'

/** Images whose predictions have about the same probability. */
export interface Bin {
  /** The probabilities lie in (low, high]; of bins of equal mass these are the least and the greatest one. */
  readonly low: number
  readonly high: number
  readonly images: number
  readonly correct: number
  /** Mean probability of the predictions. */
  readonly confidence: number
}

/** Bins of both kinds. Source: Guo et al., On Calibration of Modern Neural Networks, https://arxiv.org/abs/1706.04599 */
const BINS = 15

/** How sure a network is of its prediction for an image, and whether that is right. */
export interface Certainty {
  readonly probability: number
  readonly right: boolean
}

/** The probability of each prediction; `predicted` is the class as it was, since calibration may make ties. */
export function certaintiesOf(images: readonly PredictedImage[], classes: readonly string[]): Certainty[] {
  const places = new Map(classes.map((name, place) => [name, place]))
  return images.map(({ label, prediction, probabilities }) => ({
    probability: probabilities[places.get(prediction) ?? -1] ?? Number.NaN,
    right: label === prediction,
  }))
}

/** Fifteen bins of equal width over (0, 1], those without images left out: the reliability table. */
export function equalWidthBins(certainties: readonly Certainty[]): Bin[] {
  const edges = Array.from({ length: BINS + 1 }, (_, place) => place / BINS)
  const placeOf = ({ probability }: Certainty): number => edges.slice(1, -1).filter((edge) => edge < probability).length
  return groups(certainties, placeOf).map(({ place, members }) =>
    binOf(members, edges[place] ?? Number.NaN, edges[place + 1] ?? Number.NaN),
  )
}

/** At most fifteen bins of as equal a number of images as ties allow: equal probabilities share a bin, in whatever order they come. */
export function equalMassBins(certainties: readonly Certainty[]): Bin[] {
  const sorted = certainties.map(({ probability }) => probability).sort((a, b) => a - b)
  const lower = new Map<number, number>()
  for (const [place, probability] of sorted.entries()) if (!lower.has(probability)) lower.set(probability, place)
  const placeOf = ({ probability }: Certainty): number =>
    Math.floor((BINS * (lower.get(probability) ?? 0)) / sorted.length)
  return groups(certainties, placeOf).map(({ members }) => {
    const probabilities = members.map(({ probability }) => probability)
    return binOf(members, Math.min(...probabilities), Math.max(...probabilities))
  })
}

/** Expected calibration error: how far the mean probability and the share of right answers of a bin lie apart, by its images. */
export function calibrationError(bins: readonly Bin[]): number {
  const images = sum(bins.map((bin) => bin.images))
  return sum(bins.map((bin) => Math.abs(bin.correct - bin.confidence * bin.images))) / images
}

/**
 * Brier score: the mean over images of the squared distance between the probabilities and the truth, in [0, 2].
 *
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.brier_score_loss.html
 */
export function brierScore(predictions: readonly Prediction[], classes: readonly string[]): number {
  const distances = predictions.map(({ label, probabilities }) =>
    sum(classes.map((name, place) => ((probabilities[place] ?? Number.NaN) - (name === label ? 1 : 0)) ** 2)),
  )
  return sum(distances) / distances.length
}

/** The images of each place, in the order of the places; places without images are left out. */
function groups(
  certainties: readonly Certainty[],
  placeOf: (certainty: Certainty) => number,
): { place: number; members: Certainty[] }[] {
  const members: Certainty[][] = Array.from({ length: BINS }, () => [])
  for (const certainty of certainties) members[placeOf(certainty)]?.push(certainty)
  return members.map((members, place) => ({ place, members })).filter(({ members }) => members.length > 0)
}

function binOf(members: readonly Certainty[], low: number, high: number): Bin {
  return {
    low,
    high,
    images: members.length,
    correct: members.filter(({ right }) => right).length,
    confidence: sum(members.map(({ probability }) => probability)) / members.length,
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
