import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../src/core/files.ts'
import { seededRng } from '../../../src/core/random.ts'
import { sampleOf, sharedShare } from '../../../src/core/test-set.ts'
import { bestOf, looksSections } from '../../../src/report/sections/test-set-looks.ts'
import { writeMarkdown } from '../../../src/report/write-markdown.ts'
import { binomialTail } from '../../../src/scores/interval.ts'
import { golden } from '../../evaluate/golden.ts'
import { evaluated } from './evaluated.ts'

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

describe('models that find the same images hard', () => {
  it('pass more often than one and less often than independent ones, at each strength of what they share', () => {
    // Each image has a chance of its own to be right, from Beta(a s, (1 - a) s): by hand its mean is a, and two models agree more
    // the smaller s is. scipy.stats has the same; here by rejection from the definition as powers of uniform numbers (Jöhnk).
    const [trials, models, images, needed, mean] = [4_000, 8, 9, 9, 0.93]
    const chance = binomialTail(needed, images, mean)
    const passes = [0.3, 1, 4].map((strength) => {
      const rng = seededRng(1, 'shared', strength)
      let best = 0
      for (let trial = 0; trial < trials; trial++) {
        const easiness = Array.from({ length: images }, () => drawBeta(mean * strength, (1 - mean) * strength, rng))
        const passed = () => easiness.every((right) => rng() < right)
        if (Array.from({ length: models }, passed).includes(true)) best++
      }
      return best / trials
    })
    for (const pass of passes) {
      expect(pass).toBeGreaterThan(chance)
      expect(pass).toBeLessThan(bestOf(models, chance))
    }
    expect(passes).toEqual(passes.toSorted((a, b) => a - b))
  })
})

function drawBeta(a: number, b: number, rng: () => number): number {
  for (;;) {
    const [x, y] = [rng() ** (1 / a), rng() ** (1 / b)]
    if (x + y <= 1 && x + y > 0) return x / (x + y)
  }
}

describe('sharedShare', () => {
  const images = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ({ sha256: sha256(`image ${from + i}`) }))
  const shared = (...[a, b, c, d]: [number, number, number, number]) =>
    sharedShare(sampleOf(images(a, b)), sampleOf(images(c, d)))

  it('is exact up to 32 images, and close above', () => {
    expect(shared(0, 30, 0, 30)).toBe(1)
    expect(shared(0, 30, 1, 30)).toBe(29 / 30)
    expect(shared(0, 20, 10, 20)).toBe(0.5)
    expect(shared(0, 30, 30, 60)).toBe(0)
    expect(sharedShare([], [])).toBe(0)
    expect(shared(0, 1000, 5, 1000)).toBeGreaterThan(0.9)
    expect(shared(0, 1000, 800, 2000)).toBeLessThan(0.35) // 0.1
  })
})

describe('looksSections', () => {
  const TEST = { cat: 'ccccc', dog: 'ddddd' }
  const good = evaluated({ validation: { cat: 'cccc' }, holdout: { cat: 'ccccccccc', dog: 'c' }, test: TEST }, 'good')
  const poor = evaluated({ validation: { cat: 'cccd' }, holdout: { cat: 'cc' }, test: TEST }, 'poor')
  const { testSample } = good.identity
  const look = { configuration: 'earlier', model: sha256('earlier'), testSet: sha256('other'), correct: 8, images: 10 }
  const validation = { correct: 20, images: 20 }
  const lines = (recorded: Parameters<typeof looksSections>[0]) =>
    writeMarkdown('', [], looksSections(recorded, { good, poor }, good, { validation: 0.9, test: 1 })).replace(
      / +/g,
      ' ',
    )

  it('counts the looks at a set that differs in an image, of any other set none', () => {
    const before = { ...look, validation, testSample: ['ffffffff', ...testSample.slice(1)] } // 9 of 11
    expect(lines([before])).toContain('3 models have been evaluated on this test set so far')
    expect(lines([before])).toContain(', or on 1 other that shares most of its images;')
    expect(lines([{ ...before, testSample: ['ffffffff'] }])).toContain('2 models have been evaluated')
    // A model that was scored on both counts once.
    expect(lines([before, { ...before, model: good.identity.model.digest }])).toContain('3 models have been evaluated')
  })

  it('gives the bounds of the models that the gate could have passed', () => {
    const text = lines([{ ...look, validation, testSample }])
    expect(text).toContain('2 of them could have passed the gate, with at least 90.0 % on validation.')
    // 0.9^10 = 0.3487; 1 - (1 - 0.3487)² = 0.5758.
    expect(text).toContain('| If the chosen one is as good as | Accuracy | One model passes | The best of 2 passes |')
    expect(text).toContain('| its holdout accuracy | 90.0 % | 34.9 % | 34.9 % to 57.6 % |')
    expect(lines([])).toContain('| If the chosen one is as good as | Accuracy | One model passes |\n')
  })
})
