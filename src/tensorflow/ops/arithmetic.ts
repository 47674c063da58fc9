import type { Tensor } from '@tensorflow/tfjs-core'
import { attribute, DTYPE, FLOAT, INT_INDEX, ints, runOp, tf } from '../raw.ts'
import { multiplyRaw, withGradient } from './gradient.ts'

/** Sum of two tensors of the same shape. */
export function add(a: Tensor, b: Tensor): Tensor {
  return withGradient([a, b], () => ({
    value: runOp('AddV2', [FLOAT], [a, b]),
    gradient: (dy) => [dy.clone(), dy.clone()],
  }))
}

/** Product of `x` `[N, H, W, C]` with `scale` of the same shape or `[N, 1, 1, C]`. */
export function multiply(x: Tensor, scale: Tensor): Tensor {
  const broadcast = x.shape.some((size, axis) => size !== scale.shape[axis])
  return withGradient([x, scale], (save) => {
    save([x, scale])
    return {
      value: multiplyRaw(x, scale),
      gradient: (dy, [input, factor]) => {
        const full = multiplyRaw(dy, input as Tensor)
        return [
          multiplyRaw(dy, factor as Tensor),
          broadcast ? runOp('Sum', [attribute.bool('keep_dims', true), FLOAT, INT_INDEX], [full, ints([1, 2])]) : full,
        ]
      },
    }
  })
}

/** x · scale + offset, with numbers. */
export function rescale<T extends Tensor>(x: T, scale: number, offset: number): T {
  return withGradient([x], () => ({
    value: runOp('AddV2', [FLOAT], [multiplyRaw(x, tf.scalar(scale)), tf.scalar(offset)]),
    gradient: (dy) => multiplyRaw(dy, tf.scalar(scale)),
  }))
}

/** Mean of a vector: `[N]` → a scalar. */
export function mean(x: Tensor): Tensor {
  const count = x.shape[0] ?? 1
  return withGradient([x], () => ({
    value: runOp('Mean', [attribute.bool('keep_dims', false), FLOAT, INT_INDEX], [x, ints([0])]),
    gradient: (dy) =>
      runOp(
        'Fill',
        [FLOAT, attribute.type('index_type', DTYPE.int32)],
        [ints([count]), multiplyRaw(dy, tf.scalar(1 / count))],
      ),
  }))
}

/** Sum of squares of all values: a scalar. */
export function sumOfSquares(x: Tensor): Tensor {
  return withGradient([x], (save) => {
    save([x])
    return {
      value: multiplyRaw(runOp('L2Loss', [FLOAT], [x]), tf.scalar(2)),
      gradient: (dy, [input]) => multiplyRaw(multiplyRaw(input as Tensor, tf.scalar(2)), dy),
    }
  })
}
