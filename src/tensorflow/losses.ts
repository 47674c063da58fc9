import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import { gatherRows } from './ops/arithmetic.ts'
import { withGradient } from './ops/gradient.ts'
import { FLOAT, runOp, runOps, tf } from './raw.ts'

export interface LossParams {
  readonly loss: 'cross-entropy' | 'focal'
  /** Share of each target that is spread evenly over all classes. */
  readonly labelSmoothing: number
  /** γ of the focal loss. */
  readonly focalGamma: number
  /** α of the focal loss. */
  readonly focalAlpha: number
  /** One weight per class; null: all 1. */
  readonly classWeights: readonly number[] | null
}

/**
 * The mean loss of a batch in nats, a scalar: logits `[N, K]`, labels `[N]` int32.
 *
 * Class weights give Σ weight · loss / N, as Keras's class_weight does; the sum is not divided by the sum of the weights.
 *
 * @param mix applied to targets and class weights as it was to the inputs (MixUp, CutMix): rows `[N, …]` to the same shape
 */
export function batchLoss(
  logits: Tensor,
  labels: Tensor,
  params: LossParams,
  mix: (rows: Tensor) => Tensor = (rows) => rows,
): Tensor {
  const targets = mix(smoothedOneHot(labels, logits.shape[1] ?? 0, params.labelSmoothing))
  const losses = params.loss === 'focal' ? focalLoss(logits, targets, params) : softmaxCrossEntropy(logits, targets)
  if (params.classWeights === null) return tf.mean(losses)
  return tf.mean(tf.mul(losses, mix(gatherRows(tf.tensor1d([...params.classWeights]), labels))))
}

/** Targets `[N, K]`: smoothing / K everywhere, plus 1 − smoothing at the label. */
function smoothedOneHot(labels: Tensor, classCount: number, smoothing: number): Tensor {
  const everywhere = smoothing / classCount
  return tf.oneHot(labels, classCount, 1 - smoothing + everywhere, everywhere, 'float32')
}

/**
 * Cross-entropy of each row of logits `[N, K]` with target probabilities `[N, K]`, in nats: `[N]`. No gradient for the targets.
 */
export function softmaxCrossEntropy(logits: Tensor, targets: Tensor): Tensor1D {
  return withGradient([logits], (save) => {
    const [losses, slope] = runOps('SoftmaxCrossEntropyWithLogits', [FLOAT], [logits, targets], 2) as [Tensor, Tensor]
    save([slope])
    return { value: losses, gradient: (dy, [s]) => tf.mul(s as Tensor, tf.expandDims(dy, 1)) }
  })
}

/** Keras clips probabilities to 1 − 1e-7. */
const MIN_REST = 1e-7

/**
 * Focal loss of each row, `[N]`: α Σ yₖ (1 − pₖ)^γ (−log pₖ), for targets y and probabilities p = softmax(logits).
 *
 * With aₖ = α yₖ (γ (1 − pₖ)^(γ−1) pₖ log pₖ − (1 − pₖ)^γ), the derivative by log pₖ, the gradient is aⱼ − pⱼ Σ aₖ.
 * Source: https://arxiv.org/abs/1708.02002; CategoricalFocalCrossentropy in keras/src/losses/losses.py. Deviation: Keras also
 * clips probabilities from below, to 1e-7, where its gradient is 0; here such rows still get one.
 */
export function focalLoss(
  logits: Tensor,
  targets: Tensor,
  { focalGamma, focalAlpha }: Pick<LossParams, 'focalGamma' | 'focalAlpha'>,
): Tensor {
  return withGradient([logits], (save) => {
    const logP = runOp('LogSoftmax', [FLOAT], [logits])
    const p = tf.exp(logP)
    const rest = tf.maximum(tf.sub(1, p), MIN_REST)
    const modulated = tf.pow(rest, focalGamma)
    const weighted = tf.mul(targets, -focalAlpha)
    const bend = tf.mul(tf.mul(tf.pow(rest, focalGamma - 1), focalGamma), tf.mul(p, logP))
    save([tf.mul(weighted, tf.sub(modulated, bend)), p])
    return {
      value: tf.sum(tf.mul(weighted, tf.mul(modulated, logP)), 1),
      gradient: (dy, [a, probabilities]) => {
        const spread = tf.mul(probabilities as Tensor, tf.sum(a as Tensor, 1, true))
        return tf.mul(tf.sub(a as Tensor, spread), tf.expandDims(dy, 1))
      },
    }
  })
}
