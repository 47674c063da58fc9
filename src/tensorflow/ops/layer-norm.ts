import type { Tensor } from '@tensorflow/tfjs-core'
import { tf } from '../raw.ts'
import { withGradient } from './gradient.ts'

/**
 * Layer norm over the last axis: `[…, C]` → the same shape, with gamma and beta `[C]`.
 *
 * y = x̂ γ + β with x̂ = (x − mean) / √(variance + ε) and the biased variance. With g = dy γ, means over the last axis:
 * dx = (g − mean(g) − x̂ mean(g x̂)) / √(variance + ε).
 * Source: keras/src/layers/normalization/layer_normalization.py
 */
export function layerNorm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor {
  const last = x.rank - 1
  const others = x.shape.slice(0, last).map((_, axis) => axis)
  return withGradient([x, gamma, beta], (save) => {
    const centered = tf.sub(x, tf.mean(x, last, true))
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centered), last, true), epsilon))
    const normalized = tf.mul(centered, scale)
    save([normalized, scale, gamma])
    return {
      value: tf.add(tf.mul(normalized, gamma), beta),
      gradient: (dy, saved) => {
        const [xHat, inverse, factor] = saved as [Tensor, Tensor, Tensor]
        const g = tf.mul(dy, factor)
        const shared = tf.add(tf.mean(g, last, true), tf.mul(xHat, tf.mean(tf.mul(g, xHat), last, true)))
        return [tf.mul(tf.sub(g, shared), inverse), tf.sum(tf.mul(dy, xHat), others), tf.sum(dy, others)]
      },
    }
  })
}
