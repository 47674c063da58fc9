import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { attribute, DTYPE, FLOAT, ints, runOp, tf } from '../raw.ts'
import { reshapeRaw, withGradient } from './gradient.ts'

/** The same values in another shape. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const before = x.shape
  return withGradient([x], () => ({ value: reshapeRaw(x, shape), gradient: (dy) => reshapeRaw(dy, before) }))
}

/** Pads height and width with zeros: [top, bottom, left, right]. */
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
