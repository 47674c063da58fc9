import { describe, expect, it } from 'vitest'
import { measure } from '../../src/evaluate/measure.ts'
import { fitTemperature } from '../../src/scores/temperature.ts'
import { golden, goldenPredictions } from './golden.ts'

const { classes } = golden
const [first] = golden.scores
if (!first) throw new Error('Expected golden scores, received none.')
const params = { classes, seed: 1, bootstrapSamples: 200 }
const validation = goldenPredictions(first)
const test = goldenPredictions(first, 'test')

describe('measure', () => {
  const { metrics, images, calibration, reliability } = measure([...validation, ...test], params)

  it('scores each part by its own images', () => {
    const correct = first.confusion.reduce((total, row, place) => total + (row[place] ?? 0), 0)
    expect(metrics.validation).toMatchObject({ images: 24, correct })
    expect(metrics.validation.macro_f1).toBeCloseTo(first.macro.f1, 12)
    expect(metrics.validation.loss).toBeCloseTo(first.loss, 12)
    expect(metrics.validation.brier).toBeCloseTo(first.brier, 12)
    expect(metrics.validation.calibration_error).toBeCloseTo(first.calibration_error, 12)
    expect(metrics.validation.calibration_error_equal_mass).toBeCloseTo(first.calibration_error_equal_mass, 12)
    expect(metrics.validation.per_class.get('cat')?.auc).toBeCloseTo(first.auc.cat ?? Number.NaN, 12)
    const { macro_f1_low, macro_f1_high, ...rest } = metrics.validation
    expect(metrics.test).toMatchObject(rest)
    expect(macro_f1_low).toBeLessThan(metrics.validation.macro_f1)
    expect(macro_f1_high).toBeGreaterThan(metrics.validation.macro_f1)
  })

  it('has no number of a part without images', () => {
    const { images, correct, per_class, calibrated, ...scores } = metrics.holdout
    expect({ images, correct, per_class }).toEqual({ images: 0, correct: 0, per_class: new Map() })
    expect([...Object.values(scores), ...Object.values(calibrated)].every(Number.isNaN)).toBe(true)
    expect(reliability.holdout).toEqual([])
  })

  it('fits the temperature on validation, whatever the other parts say', () => {
    expect(calibration).toEqual(fitTemperature(validation, classes))
    const others = test.map((each) => ({ ...each, label: 'cat' }))
    expect(measure([...validation, ...others], params).calibration).toEqual(calibration)
    expect(measure(test, params).calibration).toEqual({ temperature: 1, outcome: 'no images' })
  })

  it('lowers the log loss of validation by calibration, and answers as before', () => {
    expect(metrics.validation.calibrated.loss).toBeLessThan(metrics.validation.loss)
    expect(images.map(({ id, probabilities }) => ({ id, probabilities }))).toEqual(
      [...validation, ...test].map(({ id, probabilities }) => ({ id, probabilities })),
    )
  })

  it('tells in the reliability table how certain the calibrated probabilities are', () => {
    const certain = images.filter(({ part }) => part === 'validation').map(({ calibrated }) => Math.max(...calibrated))
    const ofBins = reliability.validation.reduce((total, bin) => total + bin.confidence * bin.images, 0)
    expect(ofBins).toBeCloseTo(
      certain.reduce((total, probability) => total + probability, 0),
      10,
    )
  })
})
