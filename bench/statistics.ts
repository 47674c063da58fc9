/** How much faster we are: the median of the pairs' ratios, and where it may lie. */
export interface MedianRatio {
  /** Median of peer's seconds / ours; above 1 we are faster. */
  readonly ratio: number
  readonly low: number
  readonly high: number
  /** How often such an interval holds the true median, in [0, 1]; below 0.95 there were too few pairs. */
  readonly confidence: number
}

/** One turn of ours and the turn of the peer that followed it, in seconds. */
export interface Pair {
  readonly ours: number
  readonly peer: number
}

/** Least share of intervals that hold the true median. */
const CONFIDENCE = 0.95

/**
 * The median of the ratios of pairs, with the interval between two of their order statistics.
 *
 * The interval supposes nothing of the distribution: between the k-th smallest and the k-th greatest of n ratios the true
 * median lies with probability 1 - 2 P(X < k), X binomial (n, 1/2); k is the greatest with at least 95 %, so that ten pairs
 * give the second and the ninth (97.9 %). Below six pairs there is none, and the interval is the smallest and the greatest.
 * Source: David and Nagaraja, Order Statistics, section 7.1.
 */
export function medianRatio(pairs: readonly Pair[]): MedianRatio {
  const ratios = pairs.map(({ ours, peer }) => peer / ours).sort((a, b) => a - b)
  const outside = rankOfInterval(ratios.length)
  return {
    ratio: median(ratios),
    low: ratios[outside - 1] ?? Number.NaN,
    high: ratios[ratios.length - outside] ?? Number.NaN,
    confidence: confidenceOf(ratios.length, outside),
  }
}

/** The middle number, or the mean of the two in the middle; NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2
}

/** The greatest k with 95 %, at least 1. */
function rankOfInterval(count: number): number {
  let k = 1
  while (confidenceOf(count, k + 1) >= CONFIDENCE) k++
  return k
}

/** 1 - 2 P(X < k) of X binomial (count, 1/2). */
function confidenceOf(count: number, k: number): number {
  let term = 0.5 ** count // P(X = 0)
  let below = 0
  for (let i = 0; i < k; i++) {
    below += term
    term *= (count - i) / (i + 1)
  }
  return 1 - 2 * below
}
