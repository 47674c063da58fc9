import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import { mean } from './ops/arithmetic.ts'
import { gatherRows, multiplyRaw, reshapeRaw, withGradient } from './ops/gradient.ts'
import { attribute, DTYPE, FLOAT, INT_INDEX, ints, runOp, runOps, tf } from './raw.ts'

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
  if (params.classWeights === null) return mean(losses)
  return mean(scaleBy(losses, mix(weightsOf(params.classWeights, labels))))
}

/** Targets `[N, K]`: smoothing / K everywhere, plus 1 − smoothing at the label. */
function smoothedOneHot(labels: Tensor, classCount: number, smoothing: number): Tensor {
  const attributes = [FLOAT, attribute.type('TI', DTYPE.int32), attribute.int('axis', -1)]
  const everywhere = smoothing / classCount
  const values = [tf.scalar(1 - smoothing + everywhere), tf.scalar(everywhere)]
  return runOp('OneHot', attributes, [labels, tf.scalar(classCount, 'int32'), ...values])
}

/**
 * Cross-entropy of each row of logits `[N, K]` with target probabilities `[N, K]`, in nats: `[N]`. No gradient for the targets.
 */
export function softmaxCrossEntropy(logits: Tensor, targets: Tensor): Tensor1D {
  return withGradient([logits], (save) => {
    const [losses, slope] = runOps('SoftmaxCrossEntropyWithLogits', [FLOAT], [logits, targets], 2) as [Tensor, Tensor]
    save([slope])
    return { value: losses, gradient: (dy, [s]) => multiplyRaw(s as Tensor, column(dy)) }
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
    const p = runOp('Exp', [FLOAT], [logP])
    const rest = binary('Maximum', binary('Sub', tf.scalar(1), p), tf.scalar(MIN_REST))
    const modulated = binary('Pow', rest, tf.scalar(focalGamma))
    const weighted = binary('Mul', targets, tf.scalar(-focalAlpha))
    const steeper = binary('Pow', rest, tf.scalar(focalGamma - 1))
    const bend = binary('Mul', binary('Mul', steeper, tf.scalar(focalGamma)), binary('Mul', p, logP))
    const slope = binary('Mul', weighted, binary('Sub', modulated, bend))
    save([slope, p])
    return {
      value: sumOfRows(binary('Mul', weighted, binary('Mul', modulated, logP)), false),
      gradient: (dy, [a, probabilities]) => {
        const spread = binary('Mul', probabilities as Tensor, sumOfRows(a as Tensor, true))
        return binary('Mul', binary('Sub', a as Tensor, spread), column(dy))
      },
    }
  })
}

/** Values `[N]` times factors `[N]`; no gradient for the factors. */
function scaleBy(values: Tensor, factors: Tensor): Tensor {
  return withGradient([values], (save) => {
    save([factors])
    return { value: binary('Mul', values, factors), gradient: (dy, [f]) => binary('Mul', dy, f as Tensor) }
  })
}

/** The weight of each label's class: `[N]`. */
function weightsOf(classWeights: readonly number[], labels: Tensor): Tensor {
  return gatherRows(tf.tensor1d([...classWeights]), labels)
}

function binary(op: 'Mul' | 'Sub' | 'Pow' | 'Maximum', a: Tensor, b: Tensor): Tensor {
  return runOp(op, [FLOAT], [a, b])
}

/** `[N]` as `[N, 1]`. */
function column(x: Tensor): Tensor {
  return reshapeRaw(x, [x.shape[0] ?? 0, 1])
}

function sumOfRows(x: Tensor, keepDims: boolean): Tensor {
  const attributes = [attribute.bool('keep_dims', keepDims), FLOAT, INT_INDEX]
  return runOp('Sum', attributes, [x, ints([1])])
}
