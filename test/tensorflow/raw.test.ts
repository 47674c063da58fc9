import { describe, expect, it } from 'vitest'
import { asFloat } from '../../src/tensorflow/batch.ts'
import { DTYPE, nodeBackend, tf, uint8Tensor } from '../../src/tensorflow/raw.ts'

const SIZE = 64 * 1024

/** The smallest and the largest value of a tensor. */
function range(tensor: tf.Tensor): [number, number] {
  const values = tensor.dataSync<'float32'>()
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]
}

// The package lends the array's memory, aligned as it is here, and TensorFlow's threads give the array back: a data race.
describe("the binding's tensors", () => {
  it('are copies of the arrays that they were made of', () => {
    const bytes = new Uint8Array(SIZE).fill(7)
    const pixels = uint8Tensor(bytes, [SIZE])
    bytes.fill(9)
    expect(tf.tidy(() => range(asFloat(pixels)))).toEqual([7, 7])
    pixels.dispose()

    const floats = new Float32Array(SIZE).fill(1)
    const id = nodeBackend().binding.createTensor([SIZE], DTYPE.float32, floats)
    floats.fill(2)
    const tensor = nodeBackend().createOutputTensor({ id, shape: [SIZE], dtype: DTYPE.float32 })
    expect(range(tensor)).toEqual([1, 1])
    tensor.dispose()
  })

  it('may be empty', () => {
    const empty = uint8Tensor(new Uint8Array(0), [0, 3])
    expect(tf.tidy(() => asFloat(empty).shape)).toEqual([0, 3])
    empty.dispose()
  })
})
