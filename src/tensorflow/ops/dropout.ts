import type { Tensor } from '@tensorflow/tfjs-core'
import { attribute, DTYPE, ints, runOp, tf } from '../raw.ts'

/**
 * Dropout with a mask that depends on `seed` only, an int32 tensor `[2]` that changes with each step.
 *
 * Kept values are scaled by 1 / (1 − rate). The mask has `noiseShape` and is broadcast: `[N, 1, 1, 1]` is stochastic depth.
 */
export function dropout(x: Tensor, rate: number, seed: Tensor, noiseShape: readonly number[]): Tensor {
  const noise = runOp(
    'StatelessRandomUniform',
    [attribute.type('dtype', DTYPE.float32), attribute.type('T', DTYPE.int32), attribute.type('Tseed', DTYPE.int32)],
    [ints(noiseShape), seed],
  )
  const mask = tf.mul(tf.cast(tf.greaterEqual(noise, rate), 'float32'), 1 / (1 - rate))
  return tf.mul(x, mask)
}
