import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { batchLoss, focalLoss, type LossParams } from '../../src/tensorflow/losses.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { drawn, KERAS_CLASSES, keras } from '../support/keras.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const LABELS = [0, 1, 2, 2, 1]
const LOGITS = drawn([LABELS.length, KERAS_CLASSES], 3).map((value) => 8 * value)

interface LossAndGradient {
  readonly loss: number
  readonly gradient: readonly number[]
}

/** The loss of a batch, logits row by row, and its gradient. */
function lossAndGradient(params: LossParams, logits = LOGITS, labels = LABELS): LossAndGradient {
  return tf.tidy(() => {
    const loss = (x: Tensor) => batchLoss(x, tf.tensor1d(labels, 'int32'), params) as Scalar
    const { value, grad } = tf.valueAndGrad(loss)(tf.tensor2d(logits, [labels.length, KERAS_CLASSES]))
    return { loss: value.dataSync()[0] as number, gradient: [...grad.dataSync()] }
  })
}

describe.each(keras.losses)('batchLoss with $params', ({ params, loss, gradient }) => {
  it('gives the value and the gradient of Keras', () => {
    const ours = lossAndGradient(params)
    expect(ours.loss).toBeCloseTo(loss, 6)
    ours.gradient.forEach((value, i) => {
      expect(value).toBeCloseTo(gradient[i] as number, 6)
    })
  })

  it('has a gradient that finite differences confirm', () => {
    const { gradient } = lossAndGradient(params)
    LOGITS.forEach((_, i) => {
      const moved = (amount: number) => lossAndGradient(params, LOGITS.with(i, (LOGITS[i] as number) + amount)).loss
      expect((moved(0.01) - moved(-0.01)) / 0.02).toBeCloseTo(gradient[i] as number, 3)
    })
  })

  it('keeps no tensors', async () => {
    await expectTensorsKept(0, () => void lossAndGradient(params))
  })
})

describe('batchLoss', () => {
  const PLAIN: LossParams = {
    loss: 'cross-entropy',
    labelSmoothing: 0,
    focalGamma: 2,
    focalAlpha: 0.25,
    classWeights: null,
  }

  it('divides by the number of examples, whatever they weigh', () => {
    // every logit the same: each example loses ln 3; weights 1, 3 and 5 of 3 examples
    const weighted = { ...PLAIN, classWeights: [1, 3, 5] }
    expect(lossAndGradient(weighted, Array(9).fill(0), [0, 1, 2]).loss).toBeCloseTo((9 * Math.log(3)) / 3, 5)
  })

  it('smooths the target over all classes, its own too', () => {
    // p = 1/2, 1/4, 1/4, target 0.7 + 0.1, 0.1, 0.1: 0.8 ln 2 + 0.2 ln 4
    const smoothed = { ...PLAIN, labelSmoothing: 0.3 }
    const { loss } = lossAndGradient(smoothed, [Math.log(2), 0, 0], [0])
    expect(loss).toBeCloseTo(0.8 * Math.log(2) + 0.2 * Math.log(4), 5)
  })

  it.each([0, 0.5, 1, 2, 5])('stays finite with the focal loss for certain predictions, gamma %d', (focalGamma) => {
    const { loss, gradient } = lossAndGradient(
      { ...PLAIN, loss: 'focal', focalGamma },
      [200, 0, 0, -200, 0, 0, 0, 0, 0],
      [0, 0, 1],
    )
    expect([loss, ...gradient].every(Number.isFinite)).toBe(true)
  })
})

describe('focalLoss', () => {
  it('teaches where the probability is below 1e-7 too, where the clipping of Keras leaves no gradient', () => {
    const { gradient } = lossAndGradient(
      { loss: 'focal', labelSmoothing: 0, focalGamma: 2, focalAlpha: 1, classWeights: null },
      [-30, 0, 0],
      [0],
    )
    gradient.forEach((value, i) => {
      expect(value).toBeCloseTo([-1, 0.5, 0.5][i] as number, 4)
    })
  })

  it('weights an example with (1 - p) to the power of gamma', () => {
    // p = 3/4: (1/4)^2 · 0.25 · −ln 3/4
    const loss = tf.tidy(
      () =>
        focalLoss(tf.tensor2d([[Math.log(3), 0]]), tf.tensor2d([[1, 0]]), {
          focalGamma: 2,
          focalAlpha: 0.25,
        }).dataSync()[0],
    )
    expect(loss).toBeCloseTo((1 / 16) * 0.25 * -Math.log(3 / 4), 7)
  })
})
