import type { Tensor } from '@tensorflow/tfjs-core'
import { tf } from '../runtime.ts'

/**
 * `tf.customGrad` with the types that it takes when it runs: an op is one or two TensorFlow kernels forward and backward.
 *
 * tfjs builds the gradients of some ops from many kernels and arrays made in JavaScript, and some it gets wrong (batch
 * norm, seeded dropout). Here the forward and the gradient kernel of TensorFlow itself are paired. A gradient may use only
 * `dy` and what was passed to `save`: anything else is disposed by then.
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
