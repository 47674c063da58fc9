import { describe, expect, it } from 'vitest'
import { pairedDifference } from '../../src/review/regression.ts'

describe('pairedDifference', () => {
  it('gives the p and the interval of 2 of 12, from the binomial tails', () => {
    // p = 2 (1 + 12 + 66) / 2^12; the shares whose tails are 0.025, by bisection: 0.0208625255, 0.4841377487
    const { difference, interval, p } = pairedDifference(2, 10, 120)
    expect(difference).toBeCloseTo(-8 / 120, 12)
    expect(p).toBeCloseTo(0.03857421875, 12)
    expect(interval.low).toBeCloseTo((2 * 0.02086253 - 1) * 0.1, 6)
    expect(interval.high).toBeCloseTo((2 * 0.48413775 - 1) * 0.1, 6)
  })

  it('excludes 0 from the interval exactly when p is below 0.05', () => {
    for (let fixed = 0; fixed <= 12; fixed++) {
      for (let broken = 0; broken <= 12; broken++) {
        const { interval, p } = pairedDifference(fixed, broken, 40)
        expect(interval.low > 0 || interval.high < 0, `${fixed} ${broken}`).toBe(p < 0.05)
      }
    }
  })

  it('gives no difference for models that agree, or without images', () => {
    expect(pairedDifference(0, 0, 40)).toEqual({ difference: 0, interval: { low: 0, high: 0 }, p: 1 })
    expect(pairedDifference(0, 0, 0)).toEqual({ difference: 0, interval: { low: 0, high: 0 }, p: 1 })
  })
})
