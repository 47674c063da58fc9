import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import { FLOAT, runOp, tf } from '../raw.ts'
import { multiplyRaw, withGradient } from './gradient.ts'

export const relu = <T extends Tensor>(x: T): T => activation('Relu', (dy, y) => runOp('ReluGrad', [FLOAT], [dy, y]), x)
export const relu6 = <T extends Tensor>(x: T): T =>
  activation('Relu6', (dy, y) => runOp('Relu6Grad', [FLOAT], [dy, y]), x)
export const sigmoid = <T extends Tensor>(x: T): T =>
  activation('Sigmoid', (dy, y) => runOp('SigmoidGrad', [FLOAT], [y, dy]), x)
export const tanh = <T extends Tensor>(x: T): T => activation('Tanh', (dy, y) => runOp('TanhGrad', [FLOAT], [y, dy]), x)

/** x · sigmoid(x). Saves only its input: with s = sigmoid(x) and y = x · s, dx = dy · (s + y · (1 − s)). */
export function swish<T extends Tensor>(x: T): T {
  return withGradient([x], (save) => {
    save([x])
    return {
      value: multiplyRaw(x, runOp('Sigmoid', [FLOAT], [x])),
      gradient: (dy, [input]) => {
        const s = runOp('Sigmoid', [FLOAT], [input as Tensor])
        const y = multiplyRaw(input as Tensor, s)
        const rest = multiplyRaw(y, runOp('Sub', [FLOAT], [tf.scalar(1), s]))
        return multiplyRaw(dy, runOp('AddV2', [FLOAT], [s, rest]))
      },
    }
  })
}

/** Probabilities of each row of logits `[N, K]`. No gradient: losses take logits. */
export function softmax(logits: Tensor): Tensor2D {
  return runOp('Softmax', [FLOAT], [logits])
}

/** An activation whose gradient kernel takes the output. */
function activation<T extends Tensor>(op: string, gradientOf: (dy: Tensor, y: Tensor) => Tensor, x: T): T {
  return withGradient([x], (save) => {
    const value = runOp(op, [FLOAT], [x])
    save([value])
    return { value, gradient: (dy, [y]) => gradientOf(dy, y as Tensor) }
  })
}
