import type { Tensor } from '@tensorflow/tfjs-core'
import { mean } from './ops/arithmetic.ts'
import { softmaxCrossEntropy } from './ops/cross-entropy.ts'
import { withGradient } from './ops/gradient.ts'
import { gatherRows, reshapeRaw } from './ops/without-gradient.ts'
import { attribute, DTYPE, FLOAT, INT_INDEX, ints, runOp } from './raw.ts'
import { tf } from './runtime.ts'

/** A loss, and the weight of each class; null: all count alike. */
export interface LossParams {
  readonly loss: 'cross-entropy' | 'focal'
  readonly labelSmoothing: number
  readonly focalGamma: number
  readonly focalAlpha: number
  readonly classWeights: readonly number[] | null
}

/**
 * The loss of a batch, a scalar: logits `[N, K]`, labels `[N]` int32.
 *
 * With class weights it is Σ weight · loss / N, not over the sum of the weights, as Keras's class_weight has it.
 *
 * @param mix what was done to the inputs is done to the targets and weights: rows `[N, …]` to rows of the same shape
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
  return mean(scaleBy(losses, mix(pick(params.classWeights, labels))))
}

/** Targets `[N, K]`: (1 − smoothing) at the label, and smoothing / K everywhere. */
function smoothedOneHot(labels: Tensor, classCount: number, smoothing: number): Tensor {
  const attributes = [FLOAT, attribute.type('TI', DTYPE.int32), attribute.int('axis', -1)]
  const everywhere = smoothing / classCount
  const values = [tf.scalar(1 - smoothing + everywhere), tf.scalar(everywhere)]
  return runOp('OneHot', attributes, [labels, tf.scalar(classCount, 'int32'), ...values])
}

/** Keras's clipping of probabilities: below 1 by this much at least. */
const LEAST_REST = 1e-7

/**
 * Focal loss of each row, `[N]`: α Σ yₖ (1 − pₖ)^γ (−log pₖ), for targets y and probabilities p = softmax(logits).
 *
 * With aₖ = α yₖ (γ (1 − pₖ)^(γ−1) pₖ log pₖ − (1 − pₖ)^γ), which is the derivative by log pₖ, the gradient is aⱼ − pⱼ Σ aₖ.
 * Source: https://arxiv.org/abs/1708.02002; CategoricalFocalCrossentropy in keras/src/losses/losses.py, which clips small
 * probabilities to 1e-7 too, so that rows so far off get no gradient from it; here they do.
 */
export function focalLoss(
  logits: Tensor,
  targets: Tensor,
  { focalGamma, focalAlpha }: Pick<LossParams, 'focalGamma' | 'focalAlpha'>,
): Tensor {
  return withGradient([logits], (save) => {
    const logP = runOp('LogSoftmax', [FLOAT], [logits])
    const p = runOp('Exp', [FLOAT], [logP])
    const rest = binary('Maximum', binary('Sub', tf.scalar(1), p), tf.scalar(LEAST_REST))
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

/** Values `[N]` times factors `[N]` that get no gradient. */
function scaleBy(values: Tensor, factors: Tensor): Tensor {
  return withGradient([values], (save) => {
    save([factors])
    return { value: binary('Mul', values, factors), gradient: (dy, [f]) => binary('Mul', dy, f as Tensor) }
  })
}

/** The number of each label: `[N]`. */
function pick(numbers: readonly number[], labels: Tensor): Tensor {
  return gatherRows(tf.tensor1d([...numbers]), labels)
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
