import type { Prediction } from './predictions.ts'
import { risingRoot } from './rising-root.ts'

/** The smallest normal float32, in place of probabilities that a float32 softmax rounds to 0. */
const SMALLEST = 2 ** -126

/**
 * The lowest and the highest temperature. At the highest, probabilities are equal to two digits, as those of a network without
 * skill should be; the lowest keeps a few images from making a network certain.
 */
export const TEMPERATURES = { lowest: 0.05, highest: 10_000 } as const

/** How a fit ends. The network's own probabilities are kept, a temperature of 1, without images and where all are right. */
export const OUTCOMES = [
  'fitted',
  'lowest temperature',
  'no better than equal probabilities',
  'every image is right',
  'no images',
] as const

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
 * The temperature with the smallest log loss within `TEMPERATURES`, by bisection, with six significant digits.
 *
 * In b = 1 / temperature the loss is convex: its slope, the sum over images of (mean logit under the probabilities - logit of
 * the label), never falls. Where it does not fall at the highest temperature, equal probabilities are the best; where every
 * image is right it falls for ever, so that no temperature is too low.
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
  const { lowest, highest } = TEMPERATURES
  if (!(slope(1 / highest) < 0)) return { temperature: highest, outcome: 'no better than equal probabilities' }
  if (slope(1 / lowest) < 0) return { temperature: lowest, outcome: 'lowest temperature' }
  return { temperature: Number((1 / risingRoot(slope, 1 / highest, 1 / lowest)).toPrecision(6)), outcome: 'fitted' }
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
