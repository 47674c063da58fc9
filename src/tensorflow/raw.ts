/** TensorFlow: the only file that loads it, and ops run by name. Types may be imported from the package anywhere. */
import './environment.ts' // first: TensorFlow reads its variables while it is loaded

import type { Tensor } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-node-gpu'

export { tf }

/** An attribute of a TensorFlow op, as the binding expects it. */
export interface Attribute {
  readonly name: string
  readonly type: number
  readonly value: unknown
}

/** An output of an op, from the binding: handle, shape and TensorFlow dtype. */
export interface OutputInfo {
  readonly id: number
  readonly shape: number[]
  readonly dtype: number
}

/** An output of a graph node; shape null: TensorFlow cannot infer it. */
export interface NodeOutput {
  readonly shape: number[] | null
  readonly dtype: number
}

/** The package's native functions, and the four of native/paddock_binding.cc. */
export interface Binding {
  readonly TF_Version: string
  readonly TF_FLOAT: number
  readonly TF_INT32: number
  readonly TF_UINT8: number
  readonly TF_ATTR_STRING: number
  readonly TF_ATTR_INT: number
  readonly TF_ATTR_FLOAT: number
  readonly TF_ATTR_BOOL: number
  readonly TF_ATTR_TYPE: number
  readonly TF_ATTR_SHAPE: number
  createTensor(shape: readonly number[], dtype: number, values: ArrayLike<number>): number
  deleteTensor(id: number): void
  tensorDataSync(id: number): ArrayLike<number>
  executeOp(op: string, attributes: readonly Attribute[], ids: readonly number[], outputCount: number): OutputInfo[]
  graphBegin(): void
  graphOp(
    op: string,
    inputs: readonly number[],
    list: readonly number[],
    controls: readonly number[],
    attributes: readonly Attribute[],
  ): { readonly node: number; readonly outputs: NodeOutput[] }
  graphEnd(name: string, inputs: readonly number[], outputs: readonly number[], controls: readonly number[]): void
  removeFunction(name: string): void
}

/** The part of the package's backend class that raw ops and tracing use; its types keep it private. */
export interface NodeBackend {
  binding: Binding
  readonly isUsingGpuDevice: boolean
  readonly tensorMap: { get(dataId: object): { readonly dtype: number } }
  getInputTensorIds(tensors: readonly { readonly dataId: object }[]): number[]
  createOutputTensor(info: OutputInfo): Tensor
}

/** The backend that runs ops; tracing replaces its `binding` temporarily. */
export function nodeBackend(): NodeBackend {
  return tf.backend() as unknown as NodeBackend
}

const native = nodeBackend().binding

export const DTYPE = { float32: native.TF_FLOAT, int32: native.TF_INT32, uint8: native.TF_UINT8 } as const

/** TensorFlow's dtype of a tensor; tfjs's own is wrong for uint8, which it calls int32. */
export function dtypeOf({ dataId }: Tensor): number {
  return nodeBackend().tensorMap.get(dataId).dtype
}

/** Constructors of attributes, by type; lists are arrays. */
export const attribute = {
  type: (name: string, value: number | readonly number[]): Attribute => ({ name, type: native.TF_ATTR_TYPE, value }),
  int: (name: string, value: number | readonly number[]): Attribute => ({ name, type: native.TF_ATTR_INT, value }),
  float: (name: string, value: number): Attribute => ({ name, type: native.TF_ATTR_FLOAT, value }),
  bool: (name: string, value: boolean): Attribute => ({ name, type: native.TF_ATTR_BOOL, value }),
  string: (name: string, value: string): Attribute => ({ name, type: native.TF_ATTR_STRING, value }),
  shape: (name: string, value: readonly number[]): Attribute => ({ name, type: native.TF_ATTR_SHAPE, value }),
} as const

/** `T: float32`, an attribute of nearly every op. */
export const FLOAT = attribute.type('T', DTYPE.float32)
/** Channels last, for all images and activations. */
export const NHWC = attribute.string('data_format', 'NHWC')
/** Axes and shapes are int32. */
export const INT_INDEX = attribute.type('Tidx', DTYPE.int32)

/** Runs an op with one output. */
export function runOp<T extends Tensor = Tensor>(
  op: string,
  attributes: readonly Attribute[],
  inputs: readonly Tensor[],
): T {
  return runOps(op, attributes, inputs, 1)[0] as T
}

/** Runs an op with `outputCount` outputs. */
export function runOps(
  op: string,
  attributes: readonly Attribute[],
  inputs: readonly Tensor[],
  outputCount: number,
): Tensor[] {
  const backend = nodeBackend()
  const infos = backend.binding.executeOp(op, attributes, backend.getInputTensorIds(inputs), outputCount)
  return infos.map((info) => backend.createOutputTensor(info))
}

/**
 * A uint8 tensor; tfjs, which lacks that dtype, calls it int32. Only raw ops may read it.
 *
 * It holds a copy: `bytes` may be changed afterwards (native/paddock_binding.cc says why).
 */
export function uint8Tensor(bytes: Uint8Array, shape: readonly number[]): Tensor {
  const backend = nodeBackend()
  const id = backend.binding.createTensor(shape, DTYPE.uint8, bytes)
  return backend.createOutputTensor({ id, shape: [...shape], dtype: DTYPE.uint8 })
}

/** A small int32 vector, such as a shape or the axes of a reduction; TensorFlow keeps it on the host. */
export function ints(values: readonly number[]): Tensor {
  return tf.tensor1d([...values], 'int32')
}
