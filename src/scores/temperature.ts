import type { Prediction } from './predictions.ts'

/** The smallest normal float32, in place of probabilities that a float32 softmax rounds to 0. */
const SMALLEST = 2 ** -126

/** How a fit ends; unless `fitted`, no temperature above 0 is best, and the network's own probabilities are kept: a temperature of 1. */
export const OUTCOMES = ['fitted', 'every image is right', 'no better than equal probabilities', 'no images'] as const

/** By what the logits are divided, and how the fit ended. */
export interface Temperature {
  readonly temperature: number
  readonly outcome: (typeof OUTCOMES)[number]
}

/**
 * Probabilities after dividing the logits by a temperature: proportional to p^(1 / temperature).
 *
 * The predicted class stays the same. Source: Guo et al., https://arxiv.org/abs/1706.04599
 */
export function atTemperature(probabilities: readonly number[], temperature: number): number[] {
  if (temperature === 1) return [...probabilities]
  const powers = scaledPowers(logitsOf(probabilities), 1 / temperature)
  const total = sum(powers)
  return powers.map((power) => power / total)
}

/**
 * The temperature with the smallest log loss, by bisection, with six significant digits.
 *
 * In b = 1 / temperature the loss is convex: its slope, the sum over images of (mean logit under the probabilities - logit of
 * the label), never falls. It has a root in b > 0 when it is negative at 0 and at least one image is wrong.
 */
export function fitTemperature(predictions: readonly Prediction[], classes: readonly string[]): Temperature {
  const images = predictions.map(({ label, probabilities }) => ({
    logits: logitsOf(probabilities),
    place: classes.indexOf(label),
  }))
  if (images.length === 0) return { temperature: 1, outcome: 'no images' }
  const slope = (b: number): number =>
    sum(
      images.map(({ logits, place }) => {
        const powers = scaledPowers(logits, b)
        const mean = sum(logits.map((logit, k) => logit * (powers[k] ?? 0))) / sum(powers)
        return mean - (logits[place] ?? Number.NaN)
      }),
    )
  if (images.every(({ logits, place }) => logits[place] === Math.max(...logits))) {
    return { temperature: 1, outcome: 'every image is right' }
  }
  if (!(slope(0) < 0)) return { temperature: 1, outcome: 'no better than equal probabilities' }
  return { temperature: Number((1 / root(slope)).toPrecision(6)), outcome: 'fitted' }
}

/** The positive root of an increasing function that is negative at 0. */
function root(rising: (b: number) => number): number {
  let low = 0
  let high = 1
  while (rising(high) < 0) {
    low = high
    high *= 2
  }
  for (;;) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) return middle
    if (rising(middle) < 0) low = middle
    else high = middle
  }
}

/** Logits up to a constant, which no probability depends on. */
function logitsOf(probabilities: readonly number[]): number[] {
  return probabilities.map((probability) => Math.log(Math.max(probability, SMALLEST)))
}

/** exp(b · logit) of each class, up to a factor. */
function scaledPowers(logits: readonly number[], b: number): number[] {
  const largest = Math.max(...logits)
  return logits.map((logit) => Math.exp(b * (logit - largest)))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
