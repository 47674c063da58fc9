import { describe, expect, it } from 'vitest'
import { distance, magnitude } from '../../../bench/parity/difference.ts'
import { holds, worst } from '../../../bench/parity/findings.ts'

describe('distance', () => {
  it('is the greatest of two numbers in the same place', () => {
    expect(distance(Float32Array.of(1, -2, 3), Float32Array.of(1, 2, 2.5))).toBe(4)
  })

  it('is no number where one is none, or where there are not as many', () => {
    expect(distance(Float32Array.of(Number.NaN, 1), Float32Array.of(0, 1))).toBeNaN()
    expect(distance(Float32Array.of(1), Float32Array.of(1, 2))).toBeNaN()
  })
})

describe('magnitude', () => {
  it('is the greatest absolute value', () => {
    expect(magnitude(Float32Array.of(1, -3, 2))).toBe(3)
  })
})

describe('worst', () => {
  it('names where the difference is greatest', () => {
    const differences = new Map([
      ['stem', 1e-5],
      ['top', 1e-4],
      ['head', 1e-6],
    ])
    expect(worst('layers', differences, 1e-3)).toEqual({ what: 'layers', difference: 1e-4, bound: 1e-3, place: 'top' })
  })

  it('holds neither with a tensor that only one side has, nor with nothing to compare', () => {
    const missing = new Map([
      ['stem', 0],
      ['top', Number.NaN],
      ['head', 1e-6],
    ])
    expect(holds(worst('layers', missing, 1e-3))).toBe(false)
    expect(worst('layers', missing, 1e-3).place).toBe('top')
    expect(holds(worst('layers', new Map(), 1e-3))).toBe(false)
    expect(holds(worst('layers', new Map([['stem', 1e-3]]), 1e-3))).toBe(true)
  })
})
