import type { Tensor } from '@tensorflow/tfjs-core'
import { FLOAT, runOp, tf } from '../raw.ts'
import { withGradient } from './gradient.ts'

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
      value: tf.mul(x, tf.sigmoid(x)),
      gradient: (dy, [input]) => {
        const s = tf.sigmoid(input as Tensor)
        const y = tf.mul(input as Tensor, s)
        return tf.mul(dy, tf.add(s, tf.mul(y, tf.sub(1, s))))
      },
    }
  })
}

/** An activation whose gradient kernel takes the output. */
function activation<T extends Tensor>(op: string, gradientOf: (dy: Tensor, y: Tensor) => Tensor, x: T): T {
  return withGradient([x], (save) => {
    const value = runOp(op, [FLOAT], [x])
    save([value])
    return { value, gradient: (dy, [y]) => gradientOf(dy, y as Tensor) }
  })
}
