/**
 * The chance of at least so many successes in independent trials: the upper tail of the binomial distribution.
 *
 * Summed in logarithms, so that no term is lost for its size.
 * Source: https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.binom.html (`binom.sf(least - 1, trials, chance)`)
 */
export function binomialTail(least: number, trials: number, chance: number): number {
  if (Number.isNaN(chance)) return Number.NaN
  if (least <= 0) return 1
  if (least > trials || chance <= 0) return 0
  if (chance >= 1) return 1
  let logTerm = trials * Math.log1p(-chance)
  const logOdds = Math.log(chance) - Math.log1p(-chance)
  let tail = 0
  for (let k = 0; k <= trials; k++) {
    if (k > 0) logTerm += Math.log((trials - k + 1) / k) + logOdds
    if (k >= least) tail += Math.exp(logTerm)
  }
  return Math.min(1, tail)
}

/** The chance that the best of so many independent tries succeeds, where each does with that chance: 1 - (1 - chance)^tries. */
export function bestOf(tries: number, chance: number): number {
  return -Math.expm1(tries * Math.log1p(-chance))
}
