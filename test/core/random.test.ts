import { describe, expect, it } from 'vitest'
import { derivedSeed, integer, seededRng, shuffled, uniform } from '../../src/core/random.ts'

const draws = (count: number, ...keys: (string | number)[]) => {
  const rng = seededRng(1, ...keys)
  return Array.from({ length: count }, () => rng())
}

describe('seededRng', () => {
  it('gives the same numbers for the same seed and keys, and others for other keys', () => {
    expect(draws(5, 'a', 1)).toEqual(draws(5, 'a', 1))
    expect(draws(5, 'a', 1)).not.toEqual(draws(5, 'a', 2))
    expect(draws(5, 'a', 1)).not.toEqual(draws(5, 'a1'))
    expect(seededRng(1)()).not.toBe(seededRng(2)())
  })

  it('gives uniform numbers in [0, 1)', () => {
    const numbers = draws(10_000)
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...numbers)).toBeLessThan(1)
    // Ten bins of 1,000 each; chi-square with 9 degrees of freedom is above 27.9 once in a thousand.
    const bins = Array.from({ length: 10 }, (_, bin) => numbers.filter((n) => Math.floor(n * 10) === bin).length)
    expect(bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(27.9)
  })
})

describe('derivedSeed', () => {
  it('is an integer that fits into 31 bits', () => {
    const seeds = Array.from({ length: 100 }, (_, i) => derivedSeed(7, 'x', i))
    expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31)).toBe(true)
    expect(new Set(seeds).size).toBe(100)
  })
})

describe('uniform and integer', () => {
  it('keep to their ranges and reach both ends', () => {
    const rng = seededRng(3)
    const angles = Array.from({ length: 1000 }, () => uniform(rng, -2, 2))
    expect(Math.min(...angles)).toBeGreaterThanOrEqual(-2)
    expect(Math.max(...angles)).toBeLessThan(2)
    const dice = Array.from({ length: 1000 }, () => integer(rng, 1, 6))
    expect([...new Set(dice)].sort()).toEqual([1, 2, 3, 4, 5, 6])
  })
})

describe('shuffled', () => {
  it('gives every item once and leaves the argument alone', () => {
    const items = [1, 2, 3, 4, 5]
    expect(shuffled(items, seededRng(1)).sort()).toEqual(items)
    expect(items).toEqual([1, 2, 3, 4, 5])
  })

  it('gives all orders of three items alike', () => {
    const rng = seededRng(5)
    const orders = Array.from({ length: 6000 }, () => shuffled(['a', 'b', 'c'], rng).join(''))
    const counts = Object.values(
      Object.fromEntries(
        ['abc', 'acb', 'bac', 'bca', 'cab', 'cba'].map((order) => [
          order,
          orders.filter((each) => each === order).length,
        ]),
      ),
    )
    // 1,000 each; 5 degrees of freedom: above 20.5 once in a thousand.
    expect(counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(20.5)
  })
})
