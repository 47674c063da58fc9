import { describe, expect, it } from 'vitest'
import { classPrior, describeCollapse, isCollapsed, type PriorParams } from '../../src/train/prior.ts'
import { historyRow } from '../support/history-row.ts'

const PLAIN: PriorParams = {
  loss: 'cross-entropy',
  labelSmoothing: 0,
  focalGamma: 2,
  focalAlpha: 0.25,
  classWeights: 'none',
}

/** So many labels of each class. */
const labels = (...counts: number[]) => counts.flatMap((count, place) => Array<number>(count).fill(place))

describe('classPrior', () => {
  it('is the entropy of the class shares and the share of the commonest class', () => {
    // -(0.5 ln 0.5 + 0.3 ln 0.3 + 0.2 ln 0.2)
    const prior = classPrior(labels(5, 3, 2), 3, PLAIN)
    expect(prior).toEqual({ loss: expect.closeTo(1.029653, 6), accuracy: 0.5, images: 10 })
  })

  it('counts each class alike where class weights do', () => {
    // Weights 10 / (2 · 8) and 10 / (2 · 2): all weigh a half, ln 2.
    expect(classPrior(labels(8, 2), 2, { ...PLAIN, classWeights: 'balanced' }).loss).toBeCloseTo(Math.LN2, 12)
  })

  it('spreads the targets where labels are smoothed', () => {
    // 0.8 · 0.8 + 0.1 = 0.74 and 0.26, whose entropy is 0.573057.
    expect(classPrior(labels(8, 2), 2, { ...PLAIN, labelSmoothing: 0.2 }).loss).toBeCloseTo(0.573057, 6)
  })

  it('is the least focal loss, which is not at the shares', () => {
    // Least of 0.7 (1-a)² (-ln a) + 0.2 (1-b)² (-ln b) + 0.1 (1-c)² (-ln c) on a grid of 1/1000, at a = 0.535, b = 0.293:
    // 0.338074; at the shares 0.414988.
    const focal = { ...PLAIN, loss: 'focal', focalAlpha: 1 } as const
    expect(classPrior(labels(7, 2, 1), 3, focal).loss).toBeCloseTo(0.338074, 6)
    // Three alike: 0.25 (2/3)² ln 3.
    expect(classPrior(labels(4, 4, 4), 3, { ...PLAIN, loss: 'focal' }).loss).toBeCloseTo(
      (0.25 * 4 * Math.log(3)) / 9,
      9,
    )
  })

  it('is the entropy for a focal loss without focus', () => {
    const focal = { ...PLAIN, loss: 'focal', focalGamma: 0, focalAlpha: 1 } as const
    expect(classPrior(labels(5, 3, 2), 3, focal).loss).toBeCloseTo(classPrior(labels(5, 3, 2), 3, PLAIN).loss, 9)
  })
})

describe('isCollapsed', () => {
  // Two standard errors of a third of 900 images: 2 · sqrt(2/9 / 900) = 0.0314, so up to 0.3647.
  const prior = { loss: 1.0986, accuracy: 1 / 3, images: 900 }

  it.each([
    [3, 1.1, 0.33, true],
    [3, 1.09, 0.36, true], // 1.0986 · 0.99 = 1.0876
    [3, 1.08, 0.33, false],
    [3, 1.1, 0.37, false],
    [2, 1.1, 0.33, false],
    [9, 1.1, 0.33, true],
    [3, Number.NaN, Number.NaN, true],
    [3, Number.NaN, 0.9, false],
  ])('judges epoch %d with loss %d and accuracy %d: %s', (epoch, loss, accuracy, expected) => {
    expect(isCollapsed({ epoch, loss, accuracy }, prior)).toBe(expected)
  })
})

describe('describeCollapse', () => {
  it('gives the numbers and what to try, in one line', () => {
    const row = historyRow(3, { loss: 1.1, accuracy: 0.33 })
    expect(describeCollapse('original-zero', row, { loss: 1.0986, accuracy: 1 / 3, images: 900 })).toBe(
      'collapsed to the class prior: after epoch 3, training loss 1.100 and accuracy 0.330 are no better than guessing by the class shares (1.099, 0.333). Run npm run check-data -- --config original-zero, and try another train.learningRate.',
    )
  })
})
