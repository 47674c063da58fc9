import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { withinMemory } from '../../src/tensorflow/batch.ts'

const PIXELS = { count: 64, inputShape: [224, 224, 3], batchSizeKey: 'train.batchSize' }
const FEATURES = { ...PIXELS, inputShape: [1024] }

function failing(message: string): () => never {
  return () => {
    throw new Error(message)
  }
}

describe('withinMemory', () => {
  it('names the batch size when TensorFlow runs out of memory', async () => {
    const { stdout } = await execa(process.execPath, ['test/tensorflow/out-of-memory.ts', JSON.stringify(PIXELS)])
    expect(stdout).toBe(
      'TrainingError: Expected memory for a batch of 64 inputs of 224 x 224 x 3, received: OOM when allocating tensor with shape[1048576,1048576] and type float. Lower train.batchSize or image.size.',
    )
  })

  it('does not speak of images where there are none', () => {
    // As the binding worded it when the op was run by itself.
    const eager =
      'Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[1048576,1048576] and type float on /job:localhost/replica:0/task:0/device:CPU:0 by allocator mklcpu'
    expect(() => withinMemory(failing(eager), FEATURES)).toThrow(
      /^Expected memory for a batch of 64 inputs of 1024, received: OOM .* type float\. Lower train\.batchSize\.$/,
    )
  })

  it('leaves other errors as they are', () => {
    const message = 'Invalid TF_Status: 3\nMessage: shapes must be equal'
    expect(() => withinMemory(failing(message), PIXELS)).toThrow(new Error(message))
  })
})
