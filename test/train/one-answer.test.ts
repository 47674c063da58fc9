import { describe, expect, it } from 'vitest'
import { confusionMatrix } from '../../src/scores/confusion.ts'
import { scorePart } from '../../src/scores/scores.ts'
import type { LayerGraph } from '../../src/tensorflow/graph.ts'
import { describeOneAnswer, findOneAnswer } from '../../src/train/one-answer.ts'
import { historyRow } from '../support/history-row.ts'

const CLASSES = ['cat', 'dog', 'horse']

/** The scores of 20 images a class, of which so many are taken for what they are and the others for cats. */
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
  it('finds the class that validation gives to all, and how far batch norms lag behind', () => {
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
  ])('with %d dogs and %d horses that are none of it: %s of 60', (dog, horse, taken) => {
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
  ])('does not blame batch norms where %s', (_, given) => {
    const found = findOneAnswer({ epoch: 3, accuracy: 0.93 }, ALL_CATS, given)
    expect(found).toEqual({ label: 'cat', taken: 60, images: 60 })
  })
})

describe('describeOneAnswer', () => {
  const row = historyRow(5, { accuracy: 0.93 })

  it('names the batch norms where they lag behind, and what to try', () => {
    const lag = { momentum: 0.99, steps: 45, oldShare: 0.636186 }
    expect(describeOneAnswer(row, { label: 'cat', taken: 90, images: 90, lag })).toBe(
      'after epoch 5, 90 of 90 validation images are taken for cat, though training accuracy is 0.930. Validation uses the running statistics of the batch norms, and these lag behind: with batchNormMomentum 0.99 and 45 steps an epoch, 64 % of them is older than the last epoch. Try batchNormMomentum: 0.9.',
    )
  })

  it('says where else to look where they do not', () => {
    expect(describeOneAnswer(row, { label: 'cat', taken: 90, images: 90 })).toMatch(
      /^after epoch 5, 90 of 90 .* is 0\.930\. Look whether validation's images are like those of training, and try a lower learningRate\.$/,
    )
  })
})
