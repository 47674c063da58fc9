import type { Tensor } from '@tensorflow/tfjs-core'
import { messageOf, TrainingError } from '../core/errors.ts'
import { attribute, DTYPE, dtypeOf, runOp, tf, uint8Tensor } from './raw.ts'

/** Values of a batch on the host, row by row: pixels as bytes, or features as floats. */
export type BatchValues = Uint8Array | Float32Array

/** A batch on the device; bytes stay bytes. The caller disposes it. */
export function batchTensor(values: BatchValues, shape: readonly number[]): Tensor {
  return values instanceof Uint8Array ? uint8Tensor(values, shape) : tf.tensor(values, [...shape], 'float32')
}

/** Pixels uint8 → float32; features are float32 already. */
export function asFloat(batch: Tensor): Tensor {
  if (dtypeOf(batch) === DTYPE.float32) return batch
  const attributes = [
    attribute.type('SrcT', DTYPE.uint8),
    attribute.type('DstT', DTYPE.float32),
    attribute.bool('Truncate', false),
  ]
  return runOp('Cast', attributes, [batch])
}

/** The size of a batch, for the message when it does not fit into memory. */
export interface BatchSize {
  readonly count: number
  /** Shape of one input, without the batch. */
  readonly inputShape: readonly number[]
  /** The parameter that sets the size. */
  readonly batchSizeKey: string
}

/** TensorFlow's status RESOURCE_EXHAUSTED, as the binding and as TensorFlow itself word it. */
const OUT_OF_MEMORY = /Invalid TF_Status: 8\b|RESOURCE_EXHAUSTED|OOM when allocating/

/** Runs synchronous work on a batch. @throws TrainingError that names the batch size when memory runs out. */
export function withinMemory<T>(work: () => T, { count, inputShape, batchSizeKey }: BatchSize): T {
  try {
    return work()
  } catch (error) {
    if (!OUT_OF_MEMORY.test(messageOf(error))) throw error
    throw new TrainingError(
      `Expected memory for a batch of ${count} inputs of ${inputShape.join(' x ')}, received: ${reasonOf(error)}. Lower ${batchSizeKey}${inputShape.length === 3 ? ' or image.size' : ''}.`,
      { cause: error },
    )
  }
}

/** `OOM when allocating tensor with shape[…] and type float` of TensorFlow's long message. */
function reasonOf(error: unknown): string {
  const message = messageOf(error)
  return /OOM when allocating[^\n]*?(?= on \/job|\n|$)/.exec(message)?.[0] ?? message.trim()
}
