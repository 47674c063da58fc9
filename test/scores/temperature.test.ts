import { describe, expect, it } from 'vitest'
import { predictedClass } from '../../src/scores/predictions.ts'
import { logLoss } from '../../src/scores/scores.ts'
import { atTemperature, fitTemperature } from '../../src/scores/temperature.ts'
import { golden, goldenPredictions } from '../evaluate/golden.ts'

const { classes } = golden

describe.each(golden.temperatures)('a temperature of $temperature', (expected) => {
  const predictions = goldenPredictions(expected)

  it('is found where the search of SciPy finds it', () => {
    const { temperature, outcome } = fitTemperature(predictions, classes)
    expect(outcome).toBe('fitted')
    expect(temperature / expected.temperature).toBeCloseTo(1, 5)
  })

  it('gives the probabilities and the loss of SciPy', () => {
    const calibrated = predictions.map((each) => ({
      ...each,
      probabilities: atTemperature(each.probabilities, expected.temperature),
    }))
    for (const [place, row] of expected.calibrated.entries()) {
      for (const [k, probability] of row.entries()) {
        expect(calibrated[place]?.probabilities[k]).toBeCloseTo(probability, 12)
      }
    }
    expect(logLoss(calibrated, classes)).toBeCloseTo(expected.loss, 10)
  })

  it('never changes the predicted class', () => {
    const { temperature } = fitTemperature(predictions, classes)
    for (const { probabilities } of predictions) {
      const calibrated = atTemperature(probabilities, temperature)
      expect(predictedClass(calibrated, classes)).toBe(predictedClass(probabilities, classes))
    }
  })
})

function images(rows: readonly (readonly [string, ...number[]])[]) {
  return rows.map(([label, ...probabilities], place) => ({
    id: `${place}`,
    part: 'validation' as const,
    label,
    probabilities,
  }))
}

describe('fitTemperature', () => {
  it('finds what is worked out by hand', () => {
    // Two classes, always 0.8 for the first, which is right three times of four: best at 0.75,
    // so that the logit ln 4 becomes ln 3, and the temperature is ln 4 / ln 3.
    const rows = images([['a', 0.8, 0.2], ['a', 0.8, 0.2], ['a', 0.8, 0.2], ['b', 0.8, 0.2]]) // biome-ignore format: rows
    expect(fitTemperature(rows, ['a', 'b']).temperature).toBeCloseTo(Math.log(4) / Math.log(3), 5)
  })

  it('keeps the probabilities where every image is right, since no temperature is low enough then', () => {
    const rows = images([['a', 0.6, 0.4], ['b', 0.1, 0.9]]) // biome-ignore format: rows
    expect(fitTemperature(rows, ['a', 'b'])).toEqual({ temperature: 1, outcome: 'every image is right' })
  })

  it('makes the probabilities of a network without skill equal, without a step at the first image of skill', () => {
    // 90 images of 3 classes, always 0.98 for one. Of those that are right, n of 90, the best probability is n / 90, but not
    // below 1/3: worked out by hand, the log loss is ln 3 up to 30, and the entropy of (n / 90, the rest in halves) from there on.
    const certain = [0.98, 0.01, 0.01]
    const classes = ['a', 'b', 'c']
    for (const right of [0, 10, 29, 30, 31, 32, 45]) {
      const rows = images(
        Array.from(
          { length: 90 },
          (_, i) => [i < right ? 'a' : i % 2 ? 'b' : 'c', ...certain] as [string, ...number[]],
        ),
      )
      const { temperature, outcome } = fitTemperature(rows, classes)
      const calibrated = rows.map((row) => ({ ...row, probabilities: atTemperature(row.probabilities, temperature) }))
      const p = Math.max(right, 30) / 90
      const least = right <= 30 ? Math.log(3) : -p * Math.log(p) - (1 - p) * Math.log((1 - p) / 2)
      expect(logLoss(calibrated, classes)).toBeCloseTo(least, 3)
      expect(outcome).toBe(right <= 30 ? 'no better than equal probabilities' : 'fitted')
      expect(calibrated.every(({ probabilities }) => predictedClass(probabilities, classes) === 'a')).toBe(true)
    }
    expect(fitTemperature([], classes)).toEqual({ temperature: 1, outcome: 'no images' })
  })

  it('stays between its bounds, and says so at them', () => {
    // Two classes, 0.5000001 for the right one 99 times of 100: best at 0.99, so the logit 4e-7 would have to be ln 99.
    const rows = Array.from({ length: 100 }, (_, i): [string, ...number[]] => [i > 0 ? 'a' : 'b', 0.5000001, 0.4999999])
    expect(fitTemperature(images(rows), ['a', 'b'])).toEqual({ temperature: 0.05, outcome: 'lowest temperature' })
    const wrong = images([['a', 0.1, 0.9], ['b', 0.4, 0.6], ['a', 0.3, 0.7]]) // biome-ignore format: rows
    const worst = { temperature: 10_000, outcome: 'no better than equal probabilities' }
    expect(fitTemperature(wrong, ['a', 'b'])).toEqual(worst)
  })

  it('bears probabilities that were rounded to 0 and 1', () => {
    const rows = images([['a', 1, 0], ['a', 1, 0], ['a', 1, 0], ['b', 1, 0]]) // biome-ignore format: rows
    const { temperature } = fitTemperature(rows, ['a', 'b'])
    // Best at 0.75 again; a logit of 126 ln 2 becomes ln 3.
    expect(temperature).toBeCloseTo((126 * Math.LN2) / Math.log(3), 3)
    expect(atTemperature([1, 0], temperature)[0]).toBeCloseTo(0.75, 5)
  })
})

describe('atTemperature', () => {
  it('gives the same probabilities at 1', () => {
    expect(atTemperature([0.2, 0.7, 0.1], 1)).toEqual([0.2, 0.7, 0.1])
  })

  it('takes roots of the odds', () => {
    // odds 9 : 1 become 3 : 1
    expect(atTemperature([0.9, 0.1], 2)).toEqual([expect.closeTo(0.75, 12), expect.closeTo(0.25, 12)])
  })
})
