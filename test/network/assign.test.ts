import { describe, expect, it } from 'vitest'
import { build } from '../../src/models/mobilenet.ts'
import { assignWeights } from '../../src/network/assign.ts'
import { backboneOf, type Network } from '../../src/network/network.ts'
import type { NamedWeights } from '../../src/network/weights.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const small = (seed: number) =>
  build({ architecture: 'mobilenet', mode: 'zero', width: 0.25 }, { imageSize: 32, classCount: 3, seed, dropout: 0 })

describe('assignWeights', () => {
  it('gives the backbone the weights and leaves the head as it is', () => {
    const [network, other] = [small(1), small(2)]
    const head = valuesOf(network, 'classification')
    assignWeights(network, weightsOf(other))
    expect(valuesOf(network, 'conv_pw_13')).toEqual(valuesOf(other, 'conv_pw_13'))
    expect(valuesOf(network, 'conv1')).toEqual(valuesOf(other, 'conv1'))
    expect(valuesOf(network, 'classification')).toEqual(head)
  })

  it('leaves out the head of the published model', () => {
    const network = small(1)
    assignWeights(network, weightsOf(small(2), [['conv_preds/kernel', { shape: [1], values: Float32Array.of(1) }]]))
    expect(valuesOf(network, 'conv1')).toEqual(valuesOf(small(2), 'conv1'))
  })

  it('names every missing, extra and misshaped tensor, and then changes nothing', () => {
    const network = small(1)
    const before = valuesOf(network, 'conv_pw_13')
    const weights = weightsOf(small(2), [
      ['conv1/kernel', { shape: [3, 3, 3, 16], values: new Float32Array(432) }],
      ['conv_pw_14/kernel', { shape: [1], values: new Float32Array(1) }],
    ])
    const tensors = new Map([...weights.tensors].filter(([name]) => name !== 'conv_dw_1_bn/gamma'))
    expect(() => assignWeights(network, { ...weights, tensors })).toThrow(
      'Expected weights that fit mobilenet in test, received others: conv1/kernel is [3,3,3,16] and must be [3,3,3,8]; missing conv_dw_1_bn/gamma [8]; extra conv_pw_14/kernel.',
    )
    expect(valuesOf(network, 'conv_pw_13')).toEqual(before)
  })

  it('keeps no tensor', async () => {
    const network = small(1)
    const weights = weightsOf(small(2))
    await expectTensorsKept(0, () => assignWeights(network, weights))
  })
})

function weightsOf(
  network: Network,
  changes: [string, { shape: number[]; values: Float32Array }][] = [],
): NamedWeights {
  const tensors = backboneOf(network).flatMap(({ weights }) =>
    weights.map((weight) => {
      const values = weight.read()
      return [weight.originalName, { shape: values.shape, values: values.dataSync<'float32'>() }] as const
    }),
  )
  return { place: 'test', format: 'tfjs', tensors: new Map([...tensors, ...changes]) }
}

function valuesOf({ model }: Network, layer: string): number[][] {
  return model
    .getLayer(layer)
    .getWeights()
    .map((weight) => [...weight.dataSync()])
}
