import type { Tensor } from '@tensorflow/tfjs-core'
import { attribute, DTYPE, FLOAT, ints, runOp, tf } from '../raw.ts'

/**
 * An op made of one or two TensorFlow kernels forward and backward: `tf.customGrad` with the types that it really has.
 *
 * tfjs builds the gradients of some ops from many kernels and from arrays made in JavaScript, and gets some wrong (batch
 * norm, seeded dropout). Here TensorFlow's own forward and gradient kernels are paired. A gradient may use only `dy` and
 * what was passed to `save`: everything else is disposed by then.
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

// The ops below have no gradient: gradients are made of them, and values that are not trained.

/** The product of two tensors, element by element. */
export function multiplyRaw(a: Tensor, b: Tensor): Tensor {
  return runOp('Mul', [FLOAT], [a, b])
}

/** The same values in another shape. */
export function reshapeRaw(x: Tensor, shape: readonly number[]): Tensor {
  return runOp('Reshape', [FLOAT, attribute.type('Tshape', DTYPE.int32)], [x, ints(shape)])
}

/** Rows of `[M, …]` by their indices, int32 `[N]`: `[N, …]`. */
export function gatherRows(rows: Tensor, indices: Tensor): Tensor {
  const attributes = [
    attribute.type('Tparams', DTYPE.float32),
    attribute.type('Tindices', DTYPE.int32),
    attribute.type('Taxis', DTYPE.int32),
    attribute.int('batch_dims', 0),
  ]
  return runOp('GatherV2', attributes, [rows, indices, tf.scalar(0, 'int32')])
}

/** bool, int32 or uint8 → float32. @param source the TensorFlow dtype, where tfjs's name for it is wrong (uint8) */
export function castToFloat(x: Tensor, source?: number): Tensor {
  const dtype = source ?? (x.dtype === 'bool' ? BOOL : DTYPE.int32)
  const attributes = [
    attribute.type('SrcT', dtype),
    attribute.type('DstT', DTYPE.float32),
    attribute.bool('Truncate', false),
  ]
  return runOp('Cast', attributes, [x])
}

/** TensorFlow's number of the dtype bool. Source: tensorflow/c/tf_datatype.h. */
const BOOL = 10
