import { describe, expect, it } from 'vitest'
import { seededRng } from '../../src/core/random.ts'
import { describePower, leastDifference, pairedDifference } from '../../src/review/regression.ts'
import { mcnemarPower } from '../../src/scores/compare.ts'
import { statistics } from '../evaluate/golden.ts'

describe('pairedDifference', () => {
  it('gives the p and the interval of 2 of 12', () => {
    // p = 2 (1 + 12 + 66 / 2) / 2^12; the interval of 2 of 12 is SciPy's.
    const { difference, interval, p } = pairedDifference({ fixed: 2, broken: 10, images: 120 })
    const [expected] = statistics.mid_p_intervals
    expect(difference).toBeCloseTo(-8 / 120, 12)
    expect(p).toBeCloseTo(92 / 2 ** 12, 12)
    expect(interval.low).toBeCloseTo((2 * (expected?.low ?? 0) - 1) * 0.1, 9)
    expect(interval.high).toBeCloseTo((2 * (expected?.high ?? 0) - 1) * 0.1, 9)
  })

  it('excludes 0 from the interval exactly when p is below 0.05', () => {
    for (let fixed = 0; fixed <= 12; fixed++) {
      for (let broken = 0; broken <= 12; broken++) {
        const { interval, p } = pairedDifference({ fixed, broken, images: 40 })
        expect(interval.low > 0 || interval.high < 0, `${fixed} ${broken}`).toBe(p < 0.05)
      }
    }
  })

  it('gives no difference for models that agree, or without images', () => {
    expect(pairedDifference({ fixed: 0, broken: 0, images: 40 })).toEqual({
      difference: 0,
      interval: { low: 0, high: 0 },
      p: 1,
    })
    expect(pairedDifference({ fixed: 0, broken: 0, images: 0 })).toEqual({
      difference: 0,
      interval: { low: 0, high: 0 },
      p: 1,
    })
  })
})

describe('leastDifference', () => {
  it('is worked out by hand where no model is ever wrong alone', () => {
    expect(leastDifference({ fixed: 0, broken: 0, images: 136 }, 0.05)).toBeCloseTo(0.025 ** (1 / 136) - 1, 12)
    expect(leastDifference({ fixed: 136, broken: 0, images: 136 }, 0.05)).toBeCloseTo(2 * 0.025 ** (1 / 136) - 1, 12)
  })

  it('lies below the difference in at least 95 of 100 cases', () => {
    const rng = seededRng(1, 'leastDifference')
    for (const [fixed, broken] of [
      [0.02, 0.05],
      [0.1, 0.1],
      [0, 0.01],
    ] as const) {
      const isBelow = Array.from({ length: 400 }, () => {
        const draws = Array.from({ length: 100 }, () => rng())
        const counts = {
          fixed: draws.filter((draw) => draw < fixed).length,
          broken: draws.filter((draw) => draw > 1 - broken).length,
          images: draws.length,
        }
        return leastDifference(counts, 0.05) <= fixed - broken
      })
      expect(isBelow.filter(Boolean).length).toBeGreaterThanOrEqual(0.95 * isBelow.length)
    }
  })
})

describe('describePower', () => {
  it('says how often falls of so many points are found', () => {
    const comparison = {
      images: 120,
      counts: { images: 120, fixed: 0, broken: 0 },
      fixed: [],
      broken: [],
      relabelled: [],
    }
    const power = statistics.powers.find(({ images, fixed }) => images === 120 && fixed === 0)?.power ?? 0
    const difference = pairedDifference({ fixed: 0, broken: 0, images: 120 })
    const text = describePower({ before: 'a', after: 'b', comparison, difference }, 0.05)
    expect(text).toMatch(/^it finds a fall of 5 points in (\d+) of 100 cases, and one of 6 points in 8\d$/)
    expect(text).toContain(` ${Math.round(100 * power)} of 100`)
  })

  it('takes as large a share of the images for fixed by chance as was fixed', () => {
    const [before, after, label] = ['dog', 'cat', 'cat']
    const fixed = Array.from({ length: 6 }, (_, id) => ({ id: `${id}`, label, before, after }))
    const comparison = { images: 300, counts: { images: 300, fixed: 6, broken: 0 }, fixed, broken: [], relabelled: [] }
    const power = mcnemarPower({ images: 300, fall: 0.05, fixed: 0.02, alpha: 0.05 })
    const text = describePower(
      { before: 'a', after: 'b', comparison, difference: pairedDifference({ fixed: 6, broken: 0, images: 300 }) },
      0.05,
    )
    expect(text).toContain(`it finds a fall of 5 points in ${Math.round(100 * power)} of 100 cases`)
  })
})
