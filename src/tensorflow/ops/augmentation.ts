import type { Tensor } from '@tensorflow/tfjs-core'
import { attribute, DTYPE, ints, runOp, tf } from '../raw.ts'
import { gatherRows } from './arithmetic.ts'

/**
 * Images `[N, S, S, 3]` float32, each with its own transform; beyond an edge its nearest pixel is repeated.
 *
 * @param transforms `[N, 8]`, rows of `projectiveRow`
 */
export function transformImages(images: Tensor, transforms: Tensor): Tensor {
  const attributes = [
    attribute.type('dtype', DTYPE.float32),
    attribute.string('interpolation', 'BILINEAR'),
    attribute.string('fill_mode', 'NEAREST'),
  ]
  const size = ints(images.shape.slice(1, 3))
  return runOp('ImageProjectiveTransformV3', attributes, [images, transforms, size, tf.scalar(0)])
}

/** Images in 0..255 times one factor each, `[N]`, clipped to 255. */
export function brighten(images: Tensor, factors: Tensor): Tensor {
  return tf.minimum(tf.mul(images, tf.reshape(factors, [-1, 1, 1, 1])), 255)
}

/**
 * Mixes each row with another of the batch: share · row + (1 − share) · partner.
 *
 * @param partners `[N]` int32, the index of each row's partner
 * @param share of the row itself, in [0, 1]: a scalar, or a shape that broadcasts to the rows, such as `[1, S, S, 1]`
 */
export function mixRows(rows: Tensor, partners: Tensor, share: Tensor): Tensor {
  return tf.add(tf.mul(rows, share), tf.mul(gatherRows(rows, partners), tf.sub(1, share)))
}
