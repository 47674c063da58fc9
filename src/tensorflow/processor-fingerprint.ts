import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core'
import { sha256 } from '../core/files.ts'
import { seededRng } from '../core/random.ts'
import { tf } from './raw.ts'

let known: string | undefined

/**
 * SHA-256 of the bits of a few small convolutions, a batch norm, a matrix product and gradients on this device: kinds of
 * processors whose sums differ have different fingerprints. Computed once a process; the same for any number of threads.
 *
 * Not for a GPU: cuDNN may choose another algorithm each time.
 */
export function processorFingerprint(): string {
  known ??= tf.tidy(() =>
    sha256(Buffer.concat(compute().map((each) => Buffer.from(each.dataSync<'float32'>().buffer)))),
  )
  return known
}

/** Makes tensors that the caller disposes. */
function compute(): Tensor[] {
  const images = noise<Tensor4D>('images', [2, 16, 16, 16])
  const kernel = noise<Tensor4D>('kernel', [3, 3, 16, 32])
  const scale = noise<Tensor1D>('scale', [32])
  const convolved = tf.conv2d(images, kernel, 1, 'same')
  const normalized = tf.batchNorm4d(convolved, scale, tf.abs(scale), scale, scale)
  const depthwise = tf.depthwiseConv2d(normalized, noise<Tensor4D>('depthwise', [3, 3, 32, 1]), 2, 'same')
  const pointwise = tf.conv2d(depthwise, noise<Tensor4D>('pointwise', [1, 1, 32, 24]), 1, 'same')
  const product = tf.matMul(tf.reshape(pointwise, [2, -1]), noise('dense', [24 * 64, 10]))
  const loss = (...[x, weights]: Tensor[]) =>
    tf.sum(tf.square(tf.conv2d(x as Tensor4D, weights as Tensor4D, 1, 'same')))
  return [
    convolved,
    normalized,
    depthwise,
    pointwise,
    product,
    tf.softmax(product),
    ...tf.grads(loss)([images, kernel]),
  ]
}

/** Numbers in [-1, 1) that are the same everywhere. */
function noise<T extends Tensor>(name: string, shape: number[]): T {
  const rng = seededRng(1, 'fingerprint', name)
  const values = Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => 2 * rng() - 1)
  return tf.tensor(values, shape) as T
}
