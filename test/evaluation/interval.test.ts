import { describe, expect, it } from 'vitest'
import { clopperPearson } from '../../src/evaluation/interval.ts'
import { golden } from './golden.ts'

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
