import { describe, expect, it } from 'vitest'
import { seededRng } from '../../src/core/random.ts'
import { bootstrapScores, perfectCalibrationError } from '../../src/evaluate/bootstrap.ts'
import { byWidth } from '../../src/scores/calibration.ts'
import { type CalibratedImage, classify, type Prediction } from '../../src/scores/predictions.ts'
import { golden, goldenPredictions, statistics } from './golden.ts'

/** With the network's own probabilities as the calibrated ones. */
function calibrated(predictions: readonly Prediction[], classes: readonly string[]): CalibratedImage[] {
  return classify(predictions, classes).map((image) => ({ ...image, calibrated: image.probabilities }))
}

const NAMES = ['a', 'b', 'c']
const { labels, groups, probabilities, ...expected } = statistics.bootstrap
const predictions = labels.map((label, row) => ({
  ...{ id: `${row}`, part: 'test' as const, label: NAMES[label] ?? '' },
  probabilities: probabilities[row] ?? [],
}))
const images = calibrated(predictions, NAMES)
const groupOf = ({ id }: { id: string }): string => `${groups[Number(id)]}`
const options = (seed: number) => ({ classes: NAMES, rng: seededRng(seed), samples: 2000 })

describe('bootstrapScores', () => {
  it.each([
    { unit: 'images', found: bootstrapScores(images, options(1)) },
    { unit: 'clusters', found: bootstrapScores(images, { ...options(1), groupOf }) },
  ] as const)('agrees with draws of $unit in NumPy, scored by scikit-learn', ({ unit, found }) => {
    for (const name of ['macro_f1', 'macro_auc', 'loss', 'brier'] as const) {
      const { low, high } = expected[unit][name]
      const width = high - low
      expect(Math.abs(found[name].low - low) / width, name).toBeLessThan(0.06)
      expect(Math.abs(found[name].high - high) / width, name).toBeLessThan(0.06)
    }
  })

  it.each(golden.scores)('agrees with ten thousand draws of NumPy within 0.03, of the F1 of $name', (each) => {
    const drawn = calibrated(goldenPredictions(each), golden.classes)
    const { macro_f1: f1 } = bootstrapScores(drawn, { ...options(1), classes: golden.classes })
    expect(Math.abs(f1.low - each.bootstrap.low)).toBeLessThan(0.03)
    expect(Math.abs(f1.high - each.bootstrap.high)).toBeLessThan(0.03)
  })

  it('gives the same intervals for the same seed, and narrower ones at a lower confidence', () => {
    const once = bootstrapScores(images, options(1))
    expect(bootstrapScores(images, options(1))).toEqual(once)
    expect(bootstrapScores(images, options(2))).not.toEqual(once)
    const narrow = bootstrapScores(images, { ...options(1), confidence: 0.5 })
    expect(narrow.loss.low).toBeGreaterThan(once.loss.low)
    expect(narrow.loss.high).toBeLessThan(once.loss.high)
  })

  it('is a point where every image is right, and NaN without images', () => {
    const right = images.map((image) => ({ ...image, prediction: image.label }))
    expect(bootstrapScores(right, options(1)).macro_f1).toEqual({ low: 1, high: 1 })
    const nothing = { low: Number.NaN, high: Number.NaN }
    expect(bootstrapScores([], options(1)).loss).toEqual(nothing)
    expect(bootstrapScores([], options(1)).macro_auc).toEqual(nothing)
  })
})

describe('perfectCalibrationError', () => {
  it.each(statistics.perfect)('agrees with a hundred thousand draws of NumPy', ({ probabilities, ...expected }) => {
    const bins = byWidth(probabilities.map((probability) => ({ probability, right: true })))
    const given = bins.map(([, members]) => members.map(({ probability }) => probability))
    const { expected: mean, p95 } = perfectCalibrationError(given, { rng: seededRng(1), samples: 4000 })
    expect(mean / expected.expected).toBeCloseTo(1, 1.5)
    expect(p95 / expected.p95).toBeCloseTo(1, 1.5)
  })
})
