import type { Tensor } from '@tensorflow/tfjs-core'
import { tf } from '../raw.ts'

/**
 * An op made of one or two TensorFlow kernels forward and backward: `tf.customGrad` with the types that it really has.
 *
 * For ops whose gradient tfjs builds from many kernels or gets wrong (batch norm, seeded dropout); those that pair
 * TensorFlow's own kernels already (convolution, max pool, add, …) are taken from tfjs. A gradient may use only `dy` and what
 * was passed to `save`: everything else is disposed by then.
 */
export function withGradient<T extends Tensor>(
  inputs: readonly Tensor[],
  forward: (save: Save) => { value: Tensor; gradient: (dy: Tensor, saved: Tensor[]) => Tensor | Tensor[] },
): T {
  const op = tf.customGrad((...both) => {
    const { value, gradient } = forward(both[both.length - 1] as unknown as Save)
    return { value, gradFunc: gradient }
  })
  return op(...(inputs as Tensor[])) as T
}

type Save = (tensors: Tensor[]) => void
