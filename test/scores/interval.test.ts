import { describe, expect, it } from 'vitest'
import { seededRng } from '../../src/core/random.ts'
import {
  accuracyAtLeast,
  accuracyInterval,
  clopperPearson,
  independentImages,
  lowerBound,
  midPInterval,
} from '../../src/scores/interval.ts'
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

describe('accuracyInterval', () => {
  it('is that of Clopper and Pearson where no image has near duplicates', () => {
    expect(independentImages(Array(90).fill(1))).toBe(90)
    expect(accuracyInterval({ correct: 88, images: 90, independent: 90 })).toEqual(clopperPearson(88, 90))
    expect(accuracyInterval({ correct: 88, images: 90 })).toEqual(clopperPearson(88, 90))
    expect(accuracyAtLeast({ correct: 30, images: 30, independent: Number.NaN })).toBe(lowerBound(30, 30))
  })

  it.each(statistics.fractional_intervals)('has the quantiles of SciPy for $correct of $images', (expected) => {
    const { correct, images: independent } = expected
    const { low, high } = accuracyInterval({ correct: 100 * correct, images: 100 * independent, independent })
    expect(low).toBeCloseTo(expected.low, 9)
    expect(high).toBeCloseTo(expected.high, 9)
  })

  it('counts a group as one image', () => {
    // By hand: 18 groups of 5 are 90² / (18 * 25) = 18; one of 80 among 20 is 100² / (6400 + 20) = 1.56.
    expect(independentImages(Array(18).fill(5))).toBe(18)
    expect(independentImages([80, ...Array(20).fill(1)])).toBeCloseTo(1.5576, 4)
    expect(independentImages([])).toBe(0)
  })

  const ones = (count: number) => Array<number>(count).fill(1)
  it.each([
    { name: '20 pairs', sizes: [...ones(20).map(() => 2), ...ones(50)] },
    { name: '18 groups of 5', sizes: ones(18).map(() => 5) },
    { name: 'one group of 30', sizes: [30, ...ones(60)] },
    { name: 'one group of 80', sizes: [80, ...ones(20)] },
    { name: 'groups of all sizes', sizes: [20, 10, 10, 5, 5, 5, ...ones(10).map(() => 2), ...ones(40)] },
  ])('holds the accuracy in 94 of 100 cases or more with $name, whatever their members share', ({ sizes }) => {
    const images = sizes.reduce((sum, size) => sum + size, 0)
    const independent = independentImages(sizes)
    const intervals = Array.from({ length: images + 1 }, (_, correct) =>
      accuracyInterval({ correct, images, independent }),
    )
    const bounds = Array.from({ length: images + 1 }, (_, correct) => accuracyAtLeast({ correct, images, independent }))
    for (const [shared, accuracy] of [0, 0.5, 1].flatMap((s) => [0.8, 0.9, 0.98].map((a) => [s, a] as const))) {
      const rng = seededRng(1, 'coverage', shared, accuracy, images)
      const runs = 2000
      let [held, above] = [0, 0]
      for (let run = 0; run < runs; run++) {
        let correct = 0
        for (const size of sizes) {
          // A group is right or wrong as one with probability `shared`, else image by image.
          if (rng() < shared) correct += rng() < accuracy ? size : 0
          else for (let image = 0; image < size; image++) correct += rng() < accuracy ? 1 : 0
        }
        const { low = 1, high = 0 } = intervals[correct] ?? {}
        if (low <= accuracy && accuracy <= high) held++
        if ((bounds[correct] ?? 1) <= accuracy) above++
      }
      // In 20,000 runs of NumPy the lowest is 0.942, and 0.95 of the bound; three standard errors of 2,000 runs are 0.016.
      expect(held / runs, `${shared} ${accuracy}`).toBeGreaterThan(0.926)
      expect(above / runs, `${shared} ${accuracy}`).toBeGreaterThan(0.934)
    }
  })
})
