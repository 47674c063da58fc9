import { describe, expect, it } from 'vitest'
import { measure } from '../../src/evaluate/measure.ts'
import { formatMetrics, type Metrics, parseMetrics } from '../../src/scores/metrics.ts'
import { golden, goldenPredictions } from '../evaluate/golden.ts'

const [first] = golden.scores
if (!first) throw new Error('Expected golden scores, received none.')

const predictions = [...goldenPredictions(first), ...goldenPredictions(first, 'test')]
const evaluation = measure(predictions, { classes: golden.classes, seed: 1, bootstrapSamples: 200 })

const metrics: Metrics = {
  architecture: 'original',
  mode: 'zero',
  parameters: 100,
  trainable_parameters: 90,
  epochs: 5,
  best_epoch: 3,
  train_images_per_class: new Map(Object.entries({ cat: 3, dog: 2, horse: 1, zebra: 0 })),
  temperature: evaluation.calibration.temperature,
  ...evaluation.metrics,
}

describe('formatMetrics', () => {
  const text = formatMetrics(metrics)

  it('writes the keys in a fixed order, whatever the order of the object', () => {
    const reversed = Object.fromEntries(Object.entries(metrics).reverse()) as Metrics
    expect(formatMetrics(reversed)).toBe(text)
    expect(Object.keys(JSON.parse(text))).toEqual([
      ...['architecture', 'mode', 'parameters', 'trainable_parameters', 'epochs', 'best_epoch'],
      ...['temperature', 'train_images_per_class', 'validation', 'holdout', 'test'],
    ])
    expect(Object.keys(JSON.parse(text).test)).toEqual([
      ...['images', 'correct', 'independent', 'accuracy', 'ci_low', 'ci_high', 'accuracy_at_least'],
      ...['macro_precision', 'macro_recall', 'macro_f1', 'macro_f1_low', 'macro_f1_high'],
      ...['macro_auc', 'macro_auc_low', 'macro_auc_high'],
      ...['loss', 'brier', 'calibration_error', 'calibration_error_equal_mass', 'calibrated', 'per_class'],
    ])
  })

  it('writes six decimals at most', () => {
    expect(text).toMatch(/\.\d{6}\b/)
    expect(text).not.toMatch(/\.\d{7}/)
  })

  it('writes of a part without images that alone', () => {
    expect(JSON.parse(text).holdout).toEqual({ images: 0 })
  })

  it('is read as the same again', () => {
    expect(formatMetrics(parseMetrics(text, 'metrics.json'))).toBe(text)
  })

  it('writes null for NaN, which is read as NaN', () => {
    const broken = formatMetrics({ ...metrics, test: { ...metrics.test, accuracy: Number.NaN } })
    expect(JSON.parse(broken).test.accuracy).toBeNull()
    expect(parseMetrics(broken, 'metrics.json').test.accuracy).toBeNaN()
  })
})

describe('parseMetrics', () => {
  it('reads a missing metric as NaN', () => {
    const content = JSON.parse(formatMetrics(metrics))
    delete content.test.accuracy
    expect(parseMetrics(JSON.stringify(content), 'metrics.json').test.accuracy).toBeNaN()
  })

  it('reads the metrics of a version that knew less', () => {
    const content = JSON.parse(formatMetrics(metrics))
    delete content.test.calibrated
    delete content.temperature
    const read = parseMetrics(JSON.stringify(content), 'metrics.json')
    expect(read.temperature).toBeNaN()
    expect(read.test.calibrated.loss).toBeNaN()
  })

  it('names what is not as it must be', () => {
    expect(() => parseMetrics('{', 'a.json')).toThrow('Expected a.json to be JSON')
    expect(() => parseMetrics('{"test":{"images":-1}}', 'a.json')).toThrow(
      /a\.json does not hold(.|\n)*at test\.images/,
    )
  })
})
