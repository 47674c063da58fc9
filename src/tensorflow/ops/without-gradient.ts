import type { Tensor } from '@tensorflow/tfjs-core'
import { attribute, DTYPE, FLOAT, ints, runOp } from '../raw.ts'
import { tf } from '../runtime.ts'

/** The product of two tensors, for gradients and for what is not trained. */
export function multiplyRaw(a: Tensor, b: Tensor): Tensor {
  return runOp('Mul', [FLOAT], [a, b])
}

/** The same values in another shape. */
export function reshapeRaw(x: Tensor, shape: readonly number[]): Tensor {
  return runOp('Reshape', [FLOAT, attribute.type('Tshape', DTYPE.int32)], [x, ints(shape)])
}

/** Of each of `places`, int32 `[N]`, the row: `[M, …]` → `[N, …]`. */
export function gatherRows(rows: Tensor, places: Tensor): Tensor {
  const attributes = [
    attribute.type('Tparams', DTYPE.float32),
    attribute.type('Tindices', DTYPE.int32),
    attribute.type('Taxis', DTYPE.int32),
    attribute.int('batch_dims', 0),
  ]
  return runOp('GatherV2', attributes, [rows, places, tf.scalar(0, 'int32')])
}

/** bool, int32 or uint8 → float32. */
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
