import { describe, expect, it } from 'vitest'
import { build as buildEfficientNet } from '../../src/models/efficientnet.ts'
import { build as buildResNet } from '../../src/models/resnet.ts'
import { assignWeights, fromKeras } from '../../src/network/assign.ts'
import { backboneOf, NORMALIZATION } from '../../src/network/network.ts'
import type { NamedTensor } from '../../src/network/weight-files.ts'

const OPTIONS = { imageSize: 32, classCount: 3, seed: 1, dropout: 0 }
const efficientnet = buildEfficientNet({ architecture: 'efficientnet', mode: 'zero', variant: 'b0' }, OPTIONS)

describe('fromKeras', () => {
  it('takes either spelling of a depthwise kernel, and the number that Keras 3 saves it under', () => {
    for (const role of ['kernel', 'depthwise_kernel', '0']) {
      expect(namesOf([`block1a_dwconv/${role}`])).toEqual(['block1a_dwconv/depthwise_kernel'])
    }
  })

  it('lets the order within a layer decide, not the names', () => {
    expect(namesOf(['stem_bn/a', 'stem_conv/w', 'stem_bn/b', 'stem_bn/c', 'stem_bn/d'])).toEqual([
      'stem_bn/gamma',
      'stem_conv/kernel',
      'stem_bn/beta',
      'stem_bn/moving_mean',
      'stem_bn/moving_variance',
    ])
  })

  it('leaves the names as they are where a layer has too few weights or is not known', () => {
    const names = ['stem_bn/gamma', 'stem_bn/moving_mean', 'predictions/kernel']
    expect(namesOf(names)).toEqual(names)
  })

  it("reverses the input channels of ResNet50's first kernel, and of no other", () => {
    const network = buildResNet({ architecture: 'resnet', mode: 'zero' }, OPTIONS)
    // two places, three channels and two filters: blue, green, red to red, green, blue
    const kernel = { shape: [1, 2, 3, 2], values: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) }
    const bias = { shape: [2], values: Float32Array.of(0, 1) }
    const weights = fromKeras(
      network,
      new Map([
        ['conv1_conv/kernel', kernel],
        ['conv1_conv/bias', bias],
        ['conv2_block1_1_conv/kernel', kernel],
      ]),
    )
    expect(weights.get('conv1_conv/kernel')?.values).toEqual(Float32Array.of(4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7))
    expect(weights.get('conv1_conv/bias')).toBe(bias)
    expect(weights.get('conv2_block1_1_conv/kernel')).toBe(kernel)
    network.model.dispose()
  })
})

describe('assignWeights of a file of Keras', () => {
  it('leaves out the top, and names every missing, extra and misshaped tensor', () => {
    const tensors = new Map<string, NamedTensor>(
      backboneOf(efficientnet)
        .filter(({ name }) => name !== NORMALIZATION)
        .flatMap(({ weights }) => weights)
        .map(({ originalName, shape }) => [originalName.replace('depthwise_', ''), zeros(shape.map(Number))]),
    )
    const weights = { place: 'b0.h5', format: 'keras', tensors } as const
    tensors.set('predictions/kernel', zeros([1280, 1000]))
    assignWeights(efficientnet, weights)
    expect(efficientnet.model.getLayer('top_bn').getWeights()[0]?.max().dataSync()[0]).toBe(0)
    tensors.delete('stem_bn/beta')
    tensors.set('block8a_dwconv/kernel', zeros([1]))
    tensors.set('block1a_dwconv/kernel', zeros([5, 5, 32, 1]))
    expect(() => assignWeights(efficientnet, weights)).toThrow(
      'Expected weights that fit efficientnetb0 in b0.h5, received others: missing stem_bn/beta [32]; block1a_dwconv/depthwise_kernel is [5,5,32,1] and must be [3,3,32,1]; extra block8a_dwconv/kernel.',
    )
  })
})

function namesOf(names: readonly string[]): string[] {
  return [...fromKeras(efficientnet, new Map(names.map((name) => [name, zeros([1])]))).keys()]
}

function zeros(shape: readonly number[]): NamedTensor {
  return { shape, values: new Float32Array(shape.reduce((product, size) => product * size, 1)) }
}
