import type { Tensor } from '@tensorflow/tfjs-core'
import { attribute, DTYPE, FLOAT, ints, runOp, tf } from '../raw.ts'
import { castToFloat, multiplyRaw, withGradient } from './gradient.ts'

/**
 * Dropout with a mask that depends on `seed` only, an int32 tensor `[2]` that changes with each step.
 *
 * Kept values are scaled by 1 / (1 − rate). The mask has `noiseShape` and is broadcast: `[N, 1, 1, 1]` is stochastic depth.
 */
export function dropout<T extends Tensor>(x: T, rate: number, seed: Tensor, noiseShape: readonly number[]): T {
  const noise = runOp(
    'StatelessRandomUniform',
    [attribute.type('dtype', DTYPE.float32), attribute.type('T', DTYPE.int32), attribute.type('Tseed', DTYPE.int32)],
    [ints(noiseShape), seed],
  )
  const kept = runOp('GreaterEqual', [FLOAT], [noise, tf.scalar(rate)])
  const mask = multiplyRaw(castToFloat(kept), tf.scalar(1 / (1 - rate)))
  return withGradient([x], (save) => {
    save([mask])
    return { value: multiplyRaw(x, mask), gradient: (dy, [m]) => multiplyRaw(dy, m as Tensor) }
  })
}
