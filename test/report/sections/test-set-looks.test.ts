import { describe, expect, it } from 'vitest'
import { seededRng } from '../../../src/core/random.ts'
import { bestOf } from '../../../src/report/sections/test-set-looks.ts'
import { binomialTail } from '../../../src/scores/interval.ts'
import { golden } from '../../evaluate/golden.ts'

describe('binomialTail', () => {
  it.each(golden.binomial_tails)('has the tail of SciPy: $least or more of $trials at $chance', (expected) => {
    const tail = binomialTail(expected.least, expected.trials, expected.chance)
    expect(Math.abs(tail / expected.tail - 1)).toBeLessThan(1e-9)
  })

  it('is certain or impossible at the ends, and NaN without a chance', () => {
    expect([binomialTail(9, 9, 1), binomialTail(1, 9, 0), binomialTail(0, 9, 0), binomialTail(10, 9, 1)]).toEqual([
      ...[1, 0, 1, 0],
    ])
    expect(binomialTail(9, 9, Number.NaN)).toBeNaN()
  })
})

describe('bestOf', () => {
  it('is one less the chance that all fail', () => {
    expect(bestOf(8, 0.5)).toBeCloseTo(1 - 0.5 ** 8, 15)
    expect([bestOf(1, 0.3), bestOf(3, 0), bestOf(3, 1)]).toEqual([expect.closeTo(0.3, 12), 0, 1])
  })
})

describe('the chance to pass a test set by luck', () => {
  /** Trials of the simulation: its standard deviation is 0.0035 at most, and five of them are allowed. */
  const TRIALS = 20_000

  it.each([
    { accuracy: 0.929, images: 9, needed: 9, models: 8 },
    { accuracy: 0.95, images: 30, needed: 30, models: 3 },
    { accuracy: 0.8, images: 30, needed: 27, models: 7 },
  ])(
    'is that of $models models that were made up, right on $accuracy of all images, at $needed of $images',
    ({ accuracy, images, needed, models }) => {
      const rng = seededRng(1, 'luck', images, models)
      const passes = () => {
        let correct = 0
        for (let image = 0; image < images; image++) if (rng() < accuracy) correct++
        return correct >= needed
      }
      let alone = 0
      let best = 0
      for (let trial = 0; trial < TRIALS; trial++) {
        const tries = Array.from({ length: models }, passes)
        if (tries[0]) alone++
        if (tries.includes(true)) best++
      }
      const chance = binomialTail(needed, images, accuracy)
      expect(Math.abs(alone / TRIALS - chance)).toBeLessThan(5 * Math.sqrt((chance * (1 - chance)) / TRIALS))
      const ofBest = bestOf(models, chance)
      expect(Math.abs(best / TRIALS - ofBest)).toBeLessThan(5 * Math.sqrt((ofBest * (1 - ofBest)) / TRIALS))
    },
  )
})
