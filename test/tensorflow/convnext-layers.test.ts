import { readFileSync } from 'node:fs'
import type { Tensor } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { LAYERS, type LayerConfig } from '../../src/tensorflow/layers.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { drawn } from '../support/keras.ts'
import { expectTensorsKept } from '../support/tensors.ts'

interface Golden {
  readonly output: readonly number[]
  /** Of the input, then of each weight. */
  readonly gradients: readonly (readonly number[])[]
}

const golden: Readonly<Record<string, Golden>> = JSON.parse(readFileSync('test/fixtures/convnext-layers.json', 'utf8'))

const SHAPE = [1, 8, 7, 5]

interface Case {
  readonly name: string
  readonly className: string
  readonly config: LayerConfig
  /** Role and shape of each weight, in Keras's order. */
  readonly weights: readonly (readonly [role: string, shape: readonly number[]])[]
}

const CASES: readonly Case[] = [
  {
    name: 'layer norm',
    className: 'LayerNormalization',
    config: { epsilon: 1e-6 },
    weights: [
      ['gamma', [5]],
      ['beta', [5]],
    ],
  },
  { name: 'gelu', className: 'Activation', config: { activation: 'gelu' }, weights: [] },
  {
    name: 'layer scale',
    className: 'DepthwiseConv2D',
    config: { strides: [1, 1], padding: 'valid' },
    weights: [['depthwise_kernel', [1, 1, 5, 1]]],
  },
  {
    name: 'depthwise convolution',
    className: 'DepthwiseConv2D',
    config: { strides: [1, 1], padding: 'same' },
    weights: [
      ['depthwise_kernel', [7, 7, 5, 1]], // Keras's is [7, 7, 1, 5], with the same values
      ['bias', [5]],
    ],
  },
]

describe.each(CASES)('$name', ({ name, ...layer }) => {
  it('gives the output and the gradients of Keras', () => {
    const { output, gradients } = golden[name] as Golden
    const { value, grads } = tf.tidy(() => {
      const found = run(layer)
      return { value: [...found.value.dataSync()], grads: found.grads.map((grad) => [...grad.dataSync()]) }
    })
    expect(distance(value, output)).toBeLessThan(1e-5)
    expect(grads).toHaveLength(gradients.length)
    grads.forEach((grad, place) => {
      expect(distance(grad, gradients[place] ?? [])).toBeLessThan(2e-5 * greatest(gradients[place] ?? []))
    })
  })

  it('keeps no tensors', async () => {
    await expectTensorsKept(0, () => tf.tidy(() => void run(layer)))
  })
})

/** The output, and the gradients of the input and the weights of the sum of the outputs times drawn numbers. */
function run({ className, config, weights }: Omit<Case, 'name'>): { value: Tensor; grads: Tensor[] } {
  const specs = weights.map(([role, shape]) => ({ name: role, role, shape, trainable: true }))
  const node = { name: 'layer', className, config, inputs: [], weights: specs, trainable: true }
  const apply = (x: Tensor, ...values: Tensor[]): Tensor => {
    const weight = (name: string) => values[specs.findIndex((spec) => spec.name === name)] as Tensor
    return LAYERS[className]?.([x], node, { weight, training: true, asLogits: true }) as Tensor
  }
  const inputs = [tf.mul(tensor(SHAPE, 0), 6), ...specs.map(({ shape }, place) => tensor(shape, 2 + place))]
  const value = apply(...(inputs as [Tensor, ...Tensor[]]))
  return { value, grads: tf.grads(apply as (...x: Tensor[]) => Tensor)(inputs, tensor(SHAPE, 1)) }
}

function tensor(shape: readonly number[], seed: number): Tensor {
  return tf.tensor(drawn(shape, seed), [...shape])
}

function distance(found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return Number.NaN
  return Math.max(...found.map((value, place) => Math.abs(value - (expected[place] ?? Number.NaN))))
}

function greatest(values: readonly number[]): number {
  return Math.max(...values.map(Math.abs))
}
