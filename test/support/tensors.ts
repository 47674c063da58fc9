import { expect } from 'vitest'
import { tf } from '../../src/tensorflow/raw.ts'

/** Expects `work` to leave exactly `kept` tensors; measures the second run, for the first may create lasting state. */
export async function expectTensorsKept(kept: number, work: () => unknown): Promise<void> {
  await work()
  const before = tf.memory().numTensors
  await work()
  expect(tf.memory().numTensors - before).toBe(kept)
}
