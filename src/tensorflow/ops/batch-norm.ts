import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { attribute, DTYPE, FLOAT, NHWC, runOps } from '../raw.ts'
import { withGradient } from './gradient.ts'

/** What batch norm reads: gamma, beta and the running statistics, each `[C]`. */
export interface BatchNormInputs {
  readonly x: Tensor
  readonly gamma: Tensor
  readonly beta: Tensor
  readonly mean: Tensor
  readonly variance: Tensor
  readonly epsilon: number
}

/**
 * Batch norm with the running statistics, for inference and for frozen layers: differentiable in x, gamma and beta.
 *
 * Source: keras/src/layers/normalization/batch_normalization.py (`trainable = False` means inference mode).
 */
export function frozenBatchNorm({ x, gamma, beta, mean, variance, epsilon }: BatchNormInputs): Tensor4D {
  const attributes = [
    FLOAT,
    attribute.type('U', DTYPE.float32),
    attribute.float('epsilon', epsilon),
    NHWC,
    attribute.bool('is_training', false),
  ]
  return withGradient([x, gamma, beta], (save) => {
    const [y] = runOps(
      'FusedBatchNormV3',
      [...attributes, attribute.float('exponential_avg_factor', 1)],
      [x, gamma, beta, mean, variance],
      6,
    )
    save([x, gamma, mean, variance])
    return {
      value: y as Tensor,
      gradient: (dy, [input, g, m, v]) =>
        runOps(
          'FusedBatchNormGradV3',
          attributes,
          [dy, input as Tensor, g as Tensor, m as Tensor, v as Tensor, v as Tensor],
          5,
        ).slice(0, 3),
    }
  })
}

/**
 * Batch norm with the statistics of the batch; `update` receives the new running mean and variance.
 *
 * new = momentum · old + (1 − momentum) · batch, where the batch's variance is the unbiased one (n/(n−1)), as in
 * TensorFlow's fused kernel, Keras 2 and the published networks that it trained. Keras 3 takes the biased one there.
 */
export function trainingBatchNorm(
  { x, gamma, beta, mean, variance, epsilon }: BatchNormInputs,
  momentum: number,
  update: (mean: Tensor, variance: Tensor) => void,
): Tensor4D {
  const attributes = [
    FLOAT,
    attribute.type('U', DTYPE.float32),
    attribute.float('epsilon', epsilon),
    NHWC,
    attribute.bool('is_training', true),
  ]
  return withGradient([x, gamma, beta], (save) => {
    const [y, newMean, newVariance, r1, r2, r3] = runOps(
      'FusedBatchNormV3',
      [...attributes, attribute.float('exponential_avg_factor', 1 - momentum)],
      [x, gamma, beta, mean, variance],
      6,
    ) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
    update(newMean, newVariance)
    save([x, gamma, r1, r2, r3])
    return {
      value: y,
      gradient: (dy, [input, g, reserve1, reserve2, reserve3]) =>
        runOps(
          'FusedBatchNormGradV3',
          attributes,
          [dy, input as Tensor, g as Tensor, reserve1 as Tensor, reserve2 as Tensor, reserve3 as Tensor],
          5,
        ).slice(0, 3),
    }
  })
}
