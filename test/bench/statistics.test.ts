import { describe, expect, it } from 'vitest'
import { median, medianRatio } from '../../bench/statistics.ts'

const pairsOf = (ratios: readonly number[]) => ratios.map((ratio) => ({ ours: 2, peer: 2 * ratio }))

describe('median', () => {
  it('is the middle number of an odd count and the mean of the two in the middle of an even one', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([4, 1, 10, 2])).toBe(3)
  })

  it('is not a number when there are none', () => {
    expect(median([])).toBeNaN()
  })
})

describe('medianRatio', () => {
  it("divides the peer's time by ours, so that above 1 ours is faster", () => {
    expect(medianRatio([{ ours: 2, peer: 3 }]).ratio).toBe(1.5)
  })

  it('takes the second and the ninth of ten ratios, which hold the median in 97.9 % of all cases', () => {
    const { ratio, low, high, confidence } = medianRatio(pairsOf([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]))
    expect([ratio, low, high]).toEqual([5.5, 2, 9])
    // 1 - 2 (1 + 10) / 2^10: of ten coins none or one shows heads in 11 of 1024 throws
    expect(confidence).toBeCloseTo(1 - 22 / 1024, 12)
  })

  it('takes the smallest and the greatest of six, the first count that gives 95 %', () => {
    const { low, high, confidence } = medianRatio(pairsOf([1, 2, 3, 4, 5, 6]))
    expect([low, high]).toEqual([1, 6])
    expect(confidence).toBeCloseTo(1 - 2 / 64, 12)
  })

  it('says how little the smallest and the greatest of a few pairs are worth', () => {
    expect(medianRatio(pairsOf([1, 3])).confidence).toBe(0.5) // 1 - 2 / 4
    expect(medianRatio(pairsOf([1])).confidence).toBe(0)
  })

  it('takes pairs together and not the sums of each side', () => {
    // ratios 1.2, 1.2 and 1.2, although the last pair took a hundred times as long
    const pairs = [1, 2, 100].map((ours) => ({ ours, peer: 1.2 * ours }))
    expect(medianRatio(pairs).ratio).toBeCloseTo(1.2, 12)
  })
})
