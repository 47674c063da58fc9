import { describe, expect, it } from 'vitest'
import { confusionMatrix } from '../../src/scores/confusion.ts'
import { scorePart } from '../../src/scores/scores.ts'
import type { LayerGraph } from '../../src/tensorflow/graph.ts'
import {
  classPrior,
  describeCollapse,
  describeCollapsedEpochs,
  describeOneAnswer,
  findOneAnswer,
  isCollapsed,
} from '../../src/train/collapse.ts'
import { historyRow } from '../support/history-row.ts'
import { trainParams } from '../support/train-params.ts'

const PLAIN = trainParams()

/** Labels, this many of each class. */
const labels = (...counts: number[]) => counts.flatMap((count, place) => Array<number>(count).fill(place))

describe('classPrior', () => {
  it('is the entropy of the class shares and the share of the most common class', () => {
    // -(0.5 ln 0.5 + 0.3 ln 0.3 + 0.2 ln 0.2)
    const prior = classPrior(labels(5, 3, 2), 3, PLAIN)
    expect(prior).toEqual({ loss: expect.closeTo(1.029653, 6), accuracy: 0.5, images: 10 })
  })

  it('counts each class the same with balanced class weights', () => {
    // Weights 10 / (2 · 8) and 10 / (2 · 2): all weigh a half, ln 2.
    expect(classPrior(labels(8, 2), 2, { ...PLAIN, classWeights: 'balanced' }).loss).toBeCloseTo(Math.LN2, 12)
  })

  it('spreads the targets of smoothed labels', () => {
    // 0.8 · 0.8 + 0.1 = 0.74 and 0.26, whose entropy is 0.573057.
    expect(classPrior(labels(8, 2), 2, { ...PLAIN, labelSmoothing: 0.2 }).loss).toBeCloseTo(0.573057, 6)
  })

  it('is the lowest focal loss, which is not at the shares', () => {
    // Minimum of 0.7 (1-a)² (-ln a) + 0.2 (1-b)² (-ln b) + 0.1 (1-c)² (-ln c) on a grid of 1/1000, at a = 0.535, b = 0.293:
    // 0.338074; at the shares 0.414988.
    const focal = { ...PLAIN, loss: 'focal', focalAlpha: 1 } as const
    expect(classPrior(labels(7, 2, 1), 3, focal).loss).toBeCloseTo(0.338074, 6)
    // Three equal classes: 0.25 (2/3)² ln 3.
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
    [3, 171, 1.1, 0.33, true],
    [3, 171, 1.09, 0.36, true], // 1.0986 · 0.99 = 1.0876
    [3, 171, 1.08, 0.33, false],
    [3, 171, 1.1, 0.37, false],
    [2, 114, 1.1, 0.33, false],
    [9, 513, 1.1, 0.33, true],
    [3, 171, Number.NaN, Number.NaN, true],
    [3, 171, Number.NaN, 0.9, false],
    [16, 48, 1.1, 0.33, false], // three steps an epoch
    [17, 51, 1.1, 0.33, true],
  ])('judges epoch %d after %d steps with loss %d and accuracy %d: %s', (epoch, steps, loss, accuracy, expected) => {
    expect(isCollapsed({ epoch, loss, accuracy }, prior, steps)).toBe(expected)
  })

  it('leaves alone what a training of 24 images showed on its way to learning them', () => {
    // measured: original-zero, three steps an epoch, epochs 3 and 5; it reaches 0.83 in epoch 15
    const few = { loss: 1.0986, accuracy: 1 / 3, images: 48 }
    expect(isCollapsed({ epoch: 3, loss: 1.101, accuracy: 0.458 }, few, 9)).toBe(false)
    expect(isCollapsed({ epoch: 5, loss: 1.165, accuracy: 0.458 }, few, 15)).toBe(false)
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

describe('describeCollapsedEpochs', () => {
  const history = (flags: readonly number[]) => flags.map((collapsed, i) => historyRow(i + 1, { collapsed }))

  it('says from which epoch, and whether to the end', () => {
    expect(describeCollapsedEpochs(history([0, 0, 1, 1]))).toMatch(
      /^collapsed to the class prior: from epoch 3, to its end,/,
    )
    expect(describeCollapsedEpochs(history([0, 0, 0, 1, 1, 0]))).toContain('from epoch 4, in 2 of 6 epochs, no better')
    expect(describeCollapsedEpochs(history([0, 0, 0]))).toBeUndefined()
  })
})

const CLASSES = ['cat', 'dog', 'horse']

/** The scores of 20 images a class, of which `right` are predicted correctly and the others as cat. */
function validated(right: Readonly<Record<string, number>>) {
  const answers = CLASSES.flatMap((label) =>
    Array.from({ length: 20 }, (_, i) => ({
      id: `${label} ${i}`,
      label,
      prediction: i < (right[label] ?? 0) ? label : 'cat',
    })),
  )
  return scorePart(confusionMatrix(answers, CLASSES), 1)
}

const layer = { name: 'conv1_bn', className: 'BatchNormalization', config: {}, inputs: [], weights: [] } as const
const TRAINED: LayerGraph = [{ ...layer, trainable: true }]
const prior = { loss: 1.0986, accuracy: 1 / 3, images: 720 }
const job = { graph: TRAINED, params: { batchNormMomentum: 0.99 }, prior, stepsPerEpoch: 45 }
const ALL_CATS = validated({ dog: 0, horse: 0 })

describe('findOneAnswer', () => {
  it('finds the class that is predicted for all, and how far batch norms lag behind', () => {
    // 0.99 ** 45 = exp(45 ln 0.99) = exp(-0.452265) = 0.63619
    expect(findOneAnswer({ epoch: 3, accuracy: 0.93 }, ALL_CATS, job)).toEqual({
      label: 'cat',
      taken: 60,
      images: 60,
      lag: { momentum: 0.99, steps: 45, oldShare: expect.closeTo(0.63619, 5) },
    })
  })

  it.each([
    [2, 1, 57], // 95 %
    [2, 2, undefined],
    [20, 20, undefined],
  ])('with %d dogs and %d horses predicted correctly: %s of 60', (dog, horse, taken) => {
    expect(findOneAnswer({ epoch: 5, accuracy: 0.93 }, validated({ dog, horse }), job)?.taken).toBe(taken)
  })

  it.each([
    [2, 0.93, false],
    [3, 0.84, true], // 1/3 + 3/4 · 2/3 = 0.8333
    [3, 0.83, false],
    [9, Number.NaN, false],
  ])('judges epoch %d with training accuracy %d: %s', (epoch, accuracy, expected) => {
    expect(findOneAnswer({ epoch, accuracy }, ALL_CATS, job) !== undefined).toBe(expected)
  })

  it.each([
    ['statistics move fast', { ...job, params: { batchNormMomentum: 0.9 } }],
    ['an epoch has many steps', { ...job, stepsPerEpoch: 190 }],
    ['statistics stay', { ...job, graph: [{ ...layer, trainable: true, keepsStatistics: true }] }],
    ['the layer is frozen', { ...job, graph: [{ ...layer, trainable: false }] }],
    ['there is no batch norm', { ...job, graph: [] }],
  ])('does not blame batch norms if %s', (_, given) => {
    const found = findOneAnswer({ epoch: 3, accuracy: 0.93 }, ALL_CATS, given)
    expect(found).toEqual({ label: 'cat', taken: 60, images: 60 })
  })
})

describe('describeOneAnswer', () => {
  const row = historyRow(5, { accuracy: 0.93 })

  it('names the batch norms if they lag behind, and what to try', () => {
    const lag = { momentum: 0.99, steps: 45, oldShare: 0.636186 }
    expect(describeOneAnswer(row, { label: 'cat', taken: 90, images: 90, lag })).toBe(
      'after epoch 5, 90 of 90 validation images are predicted as cat, though training accuracy is 0.930. Validation uses the running statistics of the batch norms, and these lag behind: with batchNormMomentum 0.99 and 45 steps an epoch, 64 % of them is older than the last epoch. Try batchNormMomentum: 0.9.',
    )
  })

  it('says what else to check if they do not', () => {
    expect(describeOneAnswer(row, { label: 'cat', taken: 90, images: 90 })).toMatch(
      /^after epoch 5, 90 of 90 .* is 0\.930\. Check that the validation images are like those of training, and try a lower learningRate\.$/,
    )
  })
})
