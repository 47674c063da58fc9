import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { compile } from '../../src/tensorflow/compile.ts'
import { relu } from '../../src/tensorflow/ops/activations.ts'
import { addBias } from '../../src/tensorflow/ops/dense.ts'
import { DTYPE, tf } from '../../src/tensorflow/raw.ts'
import {
  assignVariable,
  createVariable,
  disposeVariable,
  readVariable,
  saveVariable,
} from '../../src/tensorflow/variables.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const VECTOR = { shape: [3], dtype: DTYPE.float32 }

function runOn(values: readonly number[], work: (x: Tensor) => Tensor[]): number[][] {
  const compiled = compile([VECTOR], ([x]) => work(x as Tensor))
  try {
    return tf.tidy(() => compiled.run([tf.tensor1d([...values])]).map((output) => [...output.dataSync()]))
  } finally {
    compiled.dispose()
  }
}

describe('compile', () => {
  it('gives a function that computes what the ops compute', () => {
    expect(runOn([-1, 0, 2], (x) => [tf.add(tf.mul(relu(x), 3), 1), relu(x)])).toEqual([
      [1, 1, 7],
      [0, 0, 2],
    ])
  })

  it('differentiates while it traces', () => {
    // d/dx Σ relu(x)² = 2 relu(x)
    const gradient = (x: Tensor) => [tf.grad((input: Tensor) => tf.sum(tf.square(relu(input))))(x)]
    expect(runOn([-1, 1, 2], gradient)).toEqual([[0, 2, 4]])
  })

  it.each([false, true])(
    'keeps reads and writes of a variable in the order of the program, optimized: %s',
    (optimized) => {
      const variable = createVariable('v', [1], Float32Array.of(1))
      const work = ([x]: Tensor[]) => {
        const before = readVariable(variable)
        assignVariable(variable, tf.mul(before, x as Tensor))
        const between = readVariable(variable)
        assignVariable(variable, tf.add(readVariable(variable), 1))
        return [before, between]
      }
      const compiled = compile([{ shape: [1], dtype: DTYPE.float32 }], work, { optimized })
      const run = () => tf.tidy(() => compiled.run([tf.tensor1d([10])]).map((output) => output.dataSync()[0]))
      expect([run(), run()]).toEqual([
        [1, 10], // then 11
        [11, 110],
      ])
      expect([...saveVariable(variable)]).toEqual([111])
      compiled.dispose()
      disposeVariable(variable)
    },
  )

  it('may let TensorFlow fuse a convolution, its bias, a sum and ReLU, with the numbers of the single ops', () => {
    // Kernels 1x1 of 2 and -1, bias 1: relu(2x + 1 + x) and relu(-x + 1 + x), which is 1.
    const block = ([images]: Tensor[]) => {
      const kernel = tf.tensor4d([2, 0, 0, -1], [1, 1, 2, 2])
      const convolved = addBias(tf.conv2d(images as Tensor4D, kernel, 1, 'same'), tf.tensor1d([1, 1]))
      return [relu(tf.add(convolved, images as Tensor))]
    }
    const compiled = compile([{ shape: [1, 1, 2, 2], dtype: DTYPE.float32 }], block, { optimized: true })
    const outputs = tf.tidy(() =>
      compiled.run([tf.tensor4d([-1, 5, 3, -2], [1, 1, 2, 2])]).map((y) => [...y.dataSync()]),
    )
    expect(outputs).toEqual([[0, 1, 10, 1]])
    compiled.dispose()
  })

  it('makes large constants of one value without their memory', () => {
    expect(runOn([1, 2, 3], (x) => [tf.add(tf.sum(tf.ones([1000])), x)])).toEqual([[1001, 1002, 1003]])
  })

  it('refuses to read values while it traces', () => {
    expect(() => compile([VECTOR], ([x]) => [tf.scalar((x as Tensor).dataSync()[0] ?? 0)])).toThrow(
      'must not read values',
    )
  })

  it('refuses tensors from outside', () => {
    tf.tidy(() => {
      const outside = tf.add(tf.scalar(1), 1)
      expect(() => compile([VECTOR], ([x]) => [tf.mul(x as Tensor, outside)])).toThrow('must not close over a tensor')
    })
  })

  it('leaves the backend as it was when tracing fails', () => {
    expect(() =>
      compile([VECTOR], () => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(tf.tidy(() => [...tf.add(tf.scalar(1), 1).dataSync()])).toEqual([2])
  })

  it('keeps no tensors', async () => {
    await expectTensorsKept(0, () => void runOn([1, 2, 3], (x) => [relu(x)]))
  })
})
