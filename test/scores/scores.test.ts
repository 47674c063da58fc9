import { describe, expect, it } from 'vitest'
import { confusionMatrix } from '../../src/scores/confusion.ts'
import { classify } from '../../src/scores/predictions.ts'
import { logLoss, macroF1, scorePart } from '../../src/scores/scores.ts'
import { golden, goldenPredictions } from '../evaluate/golden.ts'

const { classes } = golden

describe.each(golden.scores)('scores, of $name', (expected) => {
  const predictions = goldenPredictions(expected)
  const matrix = confusionMatrix(classify(predictions, classes), classes)
  const scores = scorePart(matrix, 0)

  it('counts as scikit-learn does', () => {
    expect(matrix).toEqual({ classes, counts: expected.confusion })
  })

  it('has the macro precision, recall and F1 of scikit-learn', () => {
    expect(scores.macro_precision).toBeCloseTo(expected.macro.precision, 12)
    expect(scores.macro_recall).toBeCloseTo(expected.macro.recall, 12)
    expect(macroF1(matrix)).toBeCloseTo(expected.macro.f1, 12)
  })

  it('has the precision, recall, F1 and support of scikit-learn for each class', () => {
    expect([...scores.per_class.keys()]).toEqual(classes)
    for (const [name, ofClass] of Object.entries(expected.per_class)) {
      expect(scores.per_class.get(name)?.precision).toBeCloseTo(ofClass.precision, 12)
      expect(scores.per_class.get(name)?.recall).toBeCloseTo(ofClass.recall, 12)
      expect(scores.per_class.get(name)?.f1).toBeCloseTo(ofClass.f1, 12)
      expect(scores.per_class.get(name)?.support).toBe(ofClass.support)
    }
  })

  it('has the loss of scikit-learn', () => {
    expect(logLoss(predictions, classes)).toBeCloseTo(expected.loss, 10)
  })
})

describe('logLoss', () => {
  it('is NaN without predictions', () => {
    expect(logLoss([], classes)).toBeNaN()
  })
})
