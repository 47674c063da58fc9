import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { attribute, DTYPE, FLOAT, NHWC, runOps } from '../raw.ts'
import { withGradient } from './gradient.ts'

/** The input `[N, H, W, C]`, and gamma, beta and the running statistics, each `[C]`. */
export interface BatchNormInputs {
  readonly x: Tensor
  readonly gamma: Tensor
  readonly beta: Tensor
  readonly mean: Tensor
  readonly variance: Tensor
  readonly epsilon: number
}

/**
 * Batch norm with the running statistics, for inference and frozen layers; differentiable in x, gamma and beta.
 *
 * Source: keras/src/layers/normalization/batch_normalization.py (`trainable = False` means inference mode).
 */
export function frozenBatchNorm(inputs: BatchNormInputs): Tensor4D {
  const { mean, variance } = inputs
  return fusedBatchNorm(inputs, { training: false, factor: 1 }, () => [mean, variance, variance])
}

/**
 * Batch norm with the statistics of the batch; `update` is called with the new running mean and variance.
 *
 * new = momentum · old + (1 − momentum) · batch, with the unbiased variance of the batch (n/(n−1)), as in TensorFlow's fused
 * kernel, Keras 2 and the published networks trained with it. Keras 3 uses the biased variance.
 */
export function trainingBatchNorm(
  inputs: BatchNormInputs,
  momentum: number,
  update: (mean: Tensor, variance: Tensor) => void,
): Tensor4D {
  return fusedBatchNorm(inputs, { training: true, factor: 1 - momentum }, (mean, variance, reserves) => {
    update(mean, variance)
    return reserves
  })
}

/** @param reservesOf gives the last three inputs of the gradient kernel, from the new statistics and the kernel's reserves */
function fusedBatchNorm(
  { x, gamma, beta, mean, variance, epsilon }: BatchNormInputs,
  { training, factor }: { readonly training: boolean; readonly factor: number },
  reservesOf: (mean: Tensor, variance: Tensor, reserves: Tensor[]) => Tensor[],
): Tensor4D {
  const attributes = [
    FLOAT,
    attribute.type('U', DTYPE.float32),
    attribute.float('epsilon', epsilon),
    NHWC,
    attribute.bool('is_training', training),
  ]
  return withGradient([x, gamma, beta], (save) => {
    const [y, newMean, newVariance, ...reserves] = runOps(
      'FusedBatchNormV3',
      [...attributes, attribute.float('exponential_avg_factor', factor)],
      [x, gamma, beta, mean, variance],
      6,
    ) as [Tensor, Tensor, Tensor, ...Tensor[]]
    save([x, gamma, ...reservesOf(newMean, newVariance, reserves)])
    return {
      value: y,
      gradient: (dy, saved) => runOps('FusedBatchNormGradV3', attributes, [dy, ...saved], 5).slice(0, 3),
    }
  })
}
