import { describe, expect, it } from 'vitest'
import { seededRng } from '../../src/core/random.ts'
import { bootstrapMacroF1 } from '../../src/evaluate/bootstrap.ts'
import { golden } from './golden.ts'

const { classes } = golden

describe('bootstrapMacroF1', () => {
  it.each(golden.scores)(
    'agrees with ten thousand draws of NumPy within 0.03, of $name',
    ({ confusion, bootstrap }) => {
      const matrix = { classes, counts: confusion }
      const { low, high } = bootstrapMacroF1(matrix, { rng: seededRng(1), samples: 4000 })
      expect(Math.abs(low - bootstrap.low)).toBeLessThan(0.03)
      expect(Math.abs(high - bootstrap.high)).toBeLessThan(0.03)
    },
  )

  const matrix = { classes: ['cat', 'dog'], counts: [[8, 2], [3, 7]] } // biome-ignore format: rows

  it('gives the same interval for the same seed, and nearly the same for another', () => {
    const interval = (seed: number) => bootstrapMacroF1(matrix, { rng: seededRng(seed), samples: 2000 })
    expect(interval(1)).toEqual(interval(1))
    expect(interval(2)).not.toEqual(interval(1))
    expect(Math.abs(interval(2).low - interval(1).low)).toBeLessThan(0.05)
  })

  it('is narrower at a lower confidence', () => {
    const wide = bootstrapMacroF1(matrix, { rng: seededRng(1), samples: 1000 })
    const narrow = bootstrapMacroF1(matrix, { rng: seededRng(1), samples: 1000, confidence: 0.5 })
    expect(narrow.low).toBeGreaterThan(wide.low)
    expect(narrow.high).toBeLessThan(wide.high)
  })

  it('is a point where every image is right, and NaN without images', () => {
    const right = { classes: ['cat', 'dog'], counts: [[5, 0], [0, 5]] } // biome-ignore format: rows
    expect(bootstrapMacroF1(right, { rng: seededRng(1), samples: 100 })).toEqual({ low: 1, high: 1 })
    const empty = { classes: ['cat'], counts: [[0]] }
    expect(bootstrapMacroF1(empty, { rng: seededRng(1), samples: 100 })).toEqual({ low: Number.NaN, high: Number.NaN })
  })
})
