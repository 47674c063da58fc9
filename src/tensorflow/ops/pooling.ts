import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { attribute, FLOAT, INT_INDEX, ints, NHWC, runOp, tf } from '../raw.ts'
import type { Padding } from './convolution.ts'
import { multiplyRaw, reshapeRaw, withGradient } from './gradient.ts'

/** Maximum of each window: `[N, H, W, C]` → `[N, H', W', C]`. */
export function maxPool(x: Tensor, size: readonly number[], strides: readonly number[], padding: Padding): Tensor4D {
  const [height = 1, width = height] = size
  const [down = 1, right = down] = strides
  const attributes = [
    FLOAT,
    attribute.int('ksize', [1, height, width, 1]),
    attribute.int('strides', [1, down, right, 1]),
    attribute.string('padding', padding.toUpperCase()),
    NHWC,
    attribute.int('explicit_paddings', []),
  ]
  return withGradient([x], (save) => {
    const value = runOp('MaxPool', attributes, [x])
    save([x, value])
    return {
      value,
      gradient: (dy, [input, output]) => runOp('MaxPoolGrad', attributes, [input as Tensor, output as Tensor, dy]),
    }
  })
}

/** Mean over height and width: `[N, H, W, C]` → `[N, C]`. */
export function globalAveragePool(x: Tensor): Tensor2D {
  const [count = 0, height = 1, width = 1, channels = 0] = x.shape
  return withGradient([x], () => ({
    value: runOp('Mean', [attribute.bool('keep_dims', false), FLOAT, INT_INDEX], [x, ints([1, 2])]),
    gradient: (dy) => {
      const share = multiplyRaw(dy, tf.scalar(1 / (height * width)))
      const pixel = reshapeRaw(share, [count, 1, 1, channels])
      return runOp('BroadcastTo', [FLOAT, INT_INDEX], [pixel, ints([count, height, width, channels])])
    },
  }))
}
