import type { Rng } from '../core/random.ts'
import type { ConfusionMatrix } from '../scores/confusion.ts'
import type { Interval } from '../scores/interval.ts'
import { macroF1 } from '../scores/scores.ts'

/**
 * Interval of macro F1 by stratified bootstrap (percentile method): each sample draws images with replacement, as many of each
 * class as there are. NaN without images.
 *
 * Without a wrong image both ends are the score itself, which says nothing.
 * Source: Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13.
 */
export function bootstrapMacroF1(
  matrix: ConfusionMatrix,
  { rng, samples, confidence = 0.95 }: { rng: Rng; samples: number; confidence?: number },
): Interval {
  const rows = matrix.counts.map((row) => Uint16Array.from(row.flatMap((count, place) => Array(count).fill(place))))
  if (rows.every(({ length }) => length === 0)) return { low: Number.NaN, high: Number.NaN }
  const scores = new Float64Array(samples).map(() =>
    macroF1({ classes: matrix.classes, counts: rows.map((row) => resample(row, matrix.classes.length, rng)) }),
  )
  scores.sort()
  const tail = (1 - confidence) / 2
  return { low: quantile(scores, tail), high: quantile(scores, 1 - tail) }
}

/** Draws as many predictions as given, with replacement; gives the count of each class. */
function resample(predicted: Uint16Array, classCount: number, rng: Rng): number[] {
  const counts: number[] = Array(classCount).fill(0)
  for (let draw = 0; draw < predicted.length; draw++) {
    const place = predicted[Math.floor(rng() * predicted.length)] ?? 0
    counts[place] = (counts[place] ?? 0) + 1
  }
  return counts
}

/** The quantile of sorted numbers, interpolated linearly as in `numpy.quantile`. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}
