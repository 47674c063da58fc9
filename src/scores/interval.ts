import quantile from '@stdlib/stats-base-dists-beta-quantile'
import { risingRoot } from './rising-root.ts'

/** An interval of fractions in [0, 1]. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * Exact two-sided confidence interval of a share (Clopper-Pearson); [0, 1] without images.
 *
 * Source: https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats._result_classes.BinomTestResult.proportion_ci.html
 */
export function clopperPearson(correct: number, images: number, confidence = 0.95): Interval {
  const tail = (1 - confidence) / 2
  const wrong = images - correct
  return {
    low: correct === 0 ? 0 : quantile(tail, correct, wrong + 1),
    high: wrong === 0 ? 1 : quantile(1 - tail, correct + 1, wrong),
  }
}

/** How often a model was right; `independent` is the effective number of images (`independentImages`), by default all. */
export interface Counted {
  readonly correct: number
  readonly images: number
  readonly independent?: number | undefined
}

/**
 * The exact two-sided interval of an accuracy, as though `independent` images had the same share of right answers.
 *
 * Images of a group may be right or wrong together, so they count as one at worst. Source: Korn and Graubard,
 * https://doi.org/10.1002/sim.4780170803 (Clopper and Pearson with the effective number)
 */
export function accuracyInterval(counted: Counted, confidence = 0.95): Interval {
  const { correct, images } = asIndependent(counted)
  return clopperPearson(correct, images, confidence)
}

/** The one-sided lower bound of an accuracy, computed in the same way. */
export function accuracyAtLeast(counted: Counted, confidence = 0.95): number {
  const { correct, images } = asIndependent(counted)
  return lowerBound(correct, images, confidence)
}

function asIndependent({ correct, images, independent = images }: Counted) {
  return independent < images ? { correct: (correct / images) * independent, images: independent } : { correct, images }
}

/**
 * The effective number of images in groups of these sizes: how many single images say as much about an accuracy, if the members of
 * a group are right or wrong together. (sum of sizes)² / sum of squared sizes, which is the number of images if all are single.
 *
 * Source: Kish, Survey Sampling, chapter 8.
 */
export function independentImages(sizes: readonly number[]): number {
  const sum = sizes.reduce((total, size) => total + size, 0)
  return sum > 0 ? sum ** 2 / sizes.reduce((total, size) => total + size ** 2, 0) : 0
}

/**
 * Exact one-sided lower confidence bound of a share; 0 without images.
 *
 * Source: SciPy, `binomtest(correct, images, alternative='greater').proportion_ci(confidence)`
 */
export function lowerBound(correct: number, images: number, confidence = 0.95): number {
  return correct === 0 ? 0 : quantile(1 - confidence, correct, images - correct + 1)
}

/**
 * The probability of at least `least` successes in `trials` independent trials: the upper tail of the binomial distribution.
 *
 * Summed in logarithms, so that no term underflows.
 * Source: https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.binom.html (`binom.sf(least - 1, trials, chance)`)
 */
export function binomialTail(least: number, trials: number, chance: number): number {
  if (Number.isNaN(chance)) return Number.NaN
  if (least <= 0) return 1
  if (least > trials || chance <= 0) return 0
  if (chance >= 1) return 1
  const logOdds = Math.log(chance) - Math.log1p(-chance)
  let logTerm = trials * Math.log(chance)
  let tail = Math.exp(logTerm)
  for (let failures = 1; failures <= trials - least; failures++) {
    logTerm += Math.log((trials - failures + 1) / failures) - logOdds
    tail += Math.exp(logTerm)
  }
  return Math.min(1, tail)
}

/** The probability of `successes` in `trials` independent trials. */
export function binomialChance(successes: number, trials: number, chance: number): number {
  if (chance <= 0 || chance >= 1) return successes === (chance >= 1 ? trials : 0) ? 1 : 0
  const choices = logFactorial(trials) - logFactorial(successes) - logFactorial(trials - successes)
  return Math.exp(choices + successes * Math.log(chance) + (trials - successes) * Math.log1p(-chance))
}

const LOG_FACTORIALS = [0]

function logFactorial(n: number): number {
  for (let next = LOG_FACTORIALS.length; next <= n; next++) {
    LOG_FACTORIALS.push((LOG_FACTORIALS[next - 1] ?? 0) + Math.log(next))
  }
  return LOG_FACTORIALS[n] ?? Number.NaN
}

/** The upper tail of the binomial distribution, in which exactly `least` successes count half (mid-p). */
export function midTail(least: number, trials: number, chance: number): number {
  return binomialTail(least, trials, chance) - binomialChance(least, trials, chance) / 2
}

/**
 * Two-sided mid-p confidence interval of a share, by bisection; [0, 1] without images.
 *
 * The shares that the mid-p test of the binomial distribution does not reject, so that it excludes 1/2 exactly where `mcnemar` is
 * below 1 - confidence.
 */
export function midPInterval(correct: number, images: number, confidence = 0.95): Interval {
  const tail = (1 - confidence) / 2
  const bound = (successes: number) => risingRoot((share) => midTail(successes, images, share) - tail, 0, 1)
  return {
    low: correct === 0 ? 0 : bound(correct),
    high: correct === images ? 1 : 1 - bound(images - correct),
  }
}
