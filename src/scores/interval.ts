import quantile from '@stdlib/stats-base-dists-beta-quantile'

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
