import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import { attribute, DTYPE, FLOAT, INT_INDEX, ints, runOp, tf } from '../raw.ts'
import { withGradient } from './gradient.ts'

/** Sum of squares of all values: a scalar. */
export function sumOfSquares(x: Tensor): Tensor {
  return withGradient([x], (save) => {
    save([x])
    return {
      value: tf.mul(runOp('L2Loss', [FLOAT], [x]), 2),
      gradient: (dy, [input]) => tf.mul(tf.mul(input as Tensor, 2), dy),
    }
  })
}

/** Mean over height and width: `[N, H, W, C]` → `[N, C]`. */
export function globalAveragePool(x: Tensor): Tensor2D {
  const [count = 0, height = 1, width = 1, channels = 0] = x.shape
  return withGradient([x], () => ({
    value: tf.mean(x, [1, 2]),
    gradient: (dy) => {
      const pixel = tf.reshape(tf.mul(dy, 1 / (height * width)), [count, 1, 1, channels])
      return runOp('BroadcastTo', [FLOAT, INT_INDEX], [pixel, ints([count, height, width, channels])])
    },
  }))
}

/** Rows of `[M, …]` by their indices, int32 `[N]`: `[N, …]`. No gradient; tfjs reads the indices, which a compiled step cannot. */
export function gatherRows(rows: Tensor, indices: Tensor): Tensor {
  const attributes = [
    attribute.type('Tparams', DTYPE.float32),
    attribute.type('Tindices', DTYPE.int32),
    attribute.type('Taxis', DTYPE.int32),
    attribute.int('batch_dims', 0),
  ]
  return runOp('GatherV2', attributes, [rows, indices, tf.scalar(0, 'int32')])
}
