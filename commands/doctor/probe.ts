/** Loads TensorFlow, computes something, and prints as JSON what it ran on. A process of its own, for a broken library ends it. */
import { tf } from '../../src/tensorflow/raw.ts'

interface NodeBackend {
  readonly binding: { readonly TF_Version: string }
  readonly isUsingGpuDevice: boolean
}

const backend = tf.backend() as unknown as NodeBackend
const sum = tf.tidy(() => {
  const images = tf.ones([1, 8, 8, 3]) as tf.Tensor4D
  return tf
    .conv2d(images, tf.ones([3, 3, 3, 4]) as tf.Tensor4D, 1, 'valid')
    .sum()
    .dataSync()[0]
})
const { TF_NUM_INTRAOP_THREADS, TF_NUM_INTEROP_THREADS, TF_ENABLE_ONEDNN_OPTS } = process.env

console.log(
  JSON.stringify({
    tensorflow: backend.binding.TF_Version,
    tfjs: tf.version_core,
    gpu: backend.isUsingGpuDevice,
    intraOpThreads: TF_NUM_INTRAOP_THREADS,
    interOpThreads: TF_NUM_INTEROP_THREADS,
    oneDnn: TF_ENABLE_ONEDNN_OPTS,
    correct: sum === 6 * 6 * 4 * 27, // 4 filters at 6 x 6 places, each a sum of 3 x 3 x 3 ones
  }),
)
