import { messageOf, TrainingError } from '../core/errors.ts'

/** Inputs that went through a network together, and the parameter that says how many. */
export interface BatchOf {
  readonly count: number
  readonly inputShape: readonly number[]
  readonly batchSizeKey: string
}

/** The number of TensorFlow's status RESOURCE_EXHAUSTED, as the binding words it. */
const OUT_OF_MEMORY = /Invalid TF_Status: 8\b|RESOURCE_EXHAUSTED|OOM when allocating/

/** Runs synchronous work of the device on a batch. @throws TrainingError that names the batch size when the memory is too small. */
export function withinMemory<T>(work: () => T, { count, inputShape, batchSizeKey }: BatchOf): T {
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
