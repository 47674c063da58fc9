/**
 * The exact p-value of McNemar's test, two-sided: how often chance alone parts two equally good models at least so far, where
 * they are unlike on `fixed + broken` images. 1 where they are alike on all.
 *
 * Twice the binomial tail of the smaller count with probability 1/2, at most 1.
 * Source: https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.binomtest.html
 */
export function mcnemar(fixed: number, broken: number): number {
  const trials = fixed + broken
  let logTerm = -trials * Math.LN2
  let tail = Math.exp(logTerm)
  for (let k = 1; k <= Math.min(fixed, broken); k++) {
    logTerm += Math.log((trials - k + 1) / k)
    tail += Math.exp(logTerm)
  }
  return Math.min(1, 2 * tail)
}
