import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { attribute, DTYPE, FLOAT, INT_INDEX, ints, runOp, tf } from '../raw.ts'
import { reshapeRaw, withGradient } from './gradient.ts'

/** The same values in another shape. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const before = x.shape
  return withGradient([x], () => ({ value: reshapeRaw(x, shape), gradient: (dy) => reshapeRaw(dy, before) }))
}

/** Zeros around height and width; padding is [top, bottom, left, right]. */
export function zeroPad(x: Tensor, [top, bottom, left, right]: readonly [number, number, number, number]): Tensor4D {
  const shape = x.shape
  return withGradient([x], () => ({
    value: runOp(
      'Pad',
      [FLOAT, attribute.type('Tpaddings', DTYPE.int32)],
      [x, tf.tensor2d([0, 0, top, bottom, left, right, 0, 0], [4, 2], 'int32')],
    ),
    gradient: (dy) =>
      runOp('Slice', [FLOAT, attribute.type('Index', DTYPE.int32)], [dy, ints([0, top, left, 0]), ints(shape)]),
  }))
}

/** Tensors put together along the last axis. */
export function concatenate(tensors: readonly Tensor[]): Tensor {
  const axis = (tensors[0]?.rank ?? 1) - 1
  const sizes = tensors.map((tensor) => tensor.shape[axis] ?? 0)
  return withGradient(tensors, () => ({
    value: runOp(
      'ConcatV2',
      [FLOAT, INT_INDEX, attribute.int('N', tensors.length)],
      [...tensors, tf.scalar(axis, 'int32')],
    ),
    gradient: (dy) =>
      sizes.map((size, place) => {
        const start = sizes.slice(0, place).reduce((sum, before) => sum + before, 0)
        const begin = dy.shape.map((_, i) => (i === axis ? start : 0))
        const extent = dy.shape.map((whole, i) => (i === axis ? size : whole))
        return runOp('Slice', [FLOAT, attribute.type('Index', DTYPE.int32)], [dy, ints(begin), ints(extent)])
      }),
  }))
}
