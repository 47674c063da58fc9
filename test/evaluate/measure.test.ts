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
    const { macro_f1_low, macro_f1_high, macro_auc_low, macro_auc_high, calibrated, ...rest } = metrics.validation
    expect(metrics.test).toMatchObject(rest)
    expect([macro_f1_low, rest.macro_f1, macro_f1_high].toSorted()).toEqual([
      macro_f1_low,
      rest.macro_f1,
      macro_f1_high,
    ])
    expect([macro_auc_low, rest.macro_auc, macro_auc_high].every(Number.isFinite)).toBe(true)
    expect(calibrated.loss_low).toBeLessThan(calibrated.loss)
    expect(calibrated.brier_high).toBeGreaterThan(calibrated.brier)
    expect(calibrated.calibration_error_p95).toBeGreaterThan(calibrated.calibration_error_expected)
  })

  it('counts a group of near duplicates as one image in the intervals', () => {
    const groups = new Map(validation.slice(0, 6).map(({ id }) => [id, 'group 1']))
    const grouped = measure(validation, { ...params, groups }).metrics.validation
    expect(grouped.independent).toBeCloseTo(24 ** 2 / (6 ** 2 + 18), 12)
    expect(grouped.accuracy).toBe(metrics.validation.accuracy)
    expect(grouped.ci_low).toBeLessThan(metrics.validation.ci_low)
    expect(grouped.accuracy_at_least).toBeLessThan(metrics.validation.accuracy_at_least)
    expect(metrics.validation.independent).toBe(24)
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
