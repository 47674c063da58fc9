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

/**
 * x · Φ(x), exactly: Φ(x) = (1 + erf(x / √2)) / 2 is the normal distribution function, and dx = dy · (Φ(x) + x · φ(x)) with
 * its density φ(x) = exp(−x² / 2) / √(2π). Saves only its input.
 */
export function gelu<T extends Tensor>(x: T): T {
  return withGradient([x], (save) => {
    save([x])
    return {
      value: tf.mul(x, normalShare(x)),
      gradient: (dy, saved) => {
        const [input] = saved as [Tensor]
        const density = tf.mul(tf.exp(tf.mul(tf.square(input), -0.5)), 1 / Math.sqrt(2 * Math.PI))
        return tf.mul(dy, tf.add(normalShare(input), tf.mul(input, density)))
      },
    }
  })
}

function normalShare(x: Tensor): Tensor {
  return tf.mul(tf.add(runOp('Erf', [FLOAT], [tf.mul(x, Math.SQRT1_2)]), 1), 0.5)
}

/** An activation whose gradient kernel takes the output. */
function activation<T extends Tensor>(op: string, gradientOf: (dy: Tensor, y: Tensor) => Tensor, x: T): T {
  return withGradient([x], (save) => {
    const value = runOp(op, [FLOAT], [x])
    save([value])
    return { value, gradient: (dy, [y]) => gradientOf(dy, y as Tensor) }
  })
}
