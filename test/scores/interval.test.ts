import { describe, expect, it } from 'vitest'
import { clopperPearson, lowerBound, midPInterval } from '../../src/scores/interval.ts'
import { golden, statistics } from '../evaluate/golden.ts'

describe('clopperPearson', () => {
  it.each(golden.intervals)('gives the exact interval of SciPy for $correct of $images at $confidence', (expected) => {
    const { low, high } = clopperPearson(expected.correct, expected.images, expected.confidence)
    expect(low).toBeCloseTo(expected.low, 9)
    expect(high).toBeCloseTo(expected.high, 9)
  })

  it('says nothing without images', () => {
    expect(clopperPearson(0, 0)).toEqual({ low: 0, high: 1 })
  })
})

describe('lowerBound', () => {
  it.each(golden.lower_bounds)('gives the one-sided bound of SciPy for $correct of $images', (expected) => {
    expect(lowerBound(expected.correct, expected.images)).toBeCloseTo(expected.bound, 9)
  })

  it('is the root of 0.05 where all of n images are right', () => {
    expect(lowerBound(9, 9)).toBeCloseTo(0.05 ** (1 / 9), 12)
  })

  it('says nothing without images, and nothing where none is right', () => {
    expect(lowerBound(0, 0)).toBe(0)
    expect(lowerBound(0, 9)).toBe(0)
  })
})

describe('midPInterval', () => {
  it.each(statistics.mid_p_intervals)('has the roots that SciPy finds for $correct of $images', (expected) => {
    const { low, high } = midPInterval(expected.correct, expected.images)
    expect(low).toBeCloseTo(expected.low, 9)
    expect(high).toBeCloseTo(expected.high, 9)
  })

  it('says nothing without images', () => {
    expect(midPInterval(0, 0)).toEqual({ low: 0, high: 1 })
  })
})
