import { describe, expect, it } from 'vitest'
import { build } from '../../src/models/resnet.ts'
import { assignWeights } from '../../src/network/assign.ts'
import { backboneOf } from '../../src/network/network.ts'
import { countParameters } from '../../src/network/saved.ts'
import { tf } from '../../src/tensorflow/raw.ts'

const ENTRY = { architecture: 'resnet', mode: 'zero' } as const
const OPTIONS = { imageSize: 224, classCount: 3, seed: 1, dropout: 0 }
/** Three scales and three offsets of the layer that takes the means away; in Keras they are no part of the network. */
const NORMALIZATION = 6

describe('build of ResNet50', () => {
  const { model, features } = build(ENTRY, OPTIONS)

  it('has the parameters of Keras without its top', () => {
    // keras.applications.ResNet50(include_top=False).count_params()
    expect(model.countParams() - NORMALIZATION - (2048 * 3 + 3)).toBe(23_587_712)
    // 26,560 channels are normalized, with two moving numbers each
    expect(countParameters(model).trainable - (2048 * 3 + 3)).toBe(23_587_712 - 2 * 26_560)
  })

  it('has the layers and tensors of the official file', () => {
    // 175 layers in Keras, with its input; here one more for the means, one for the pooling and one for the head
    expect(model.layers).toHaveLength(175 + 3)
    // 53 convolutions of two tensors and 53 batch norms of four, the means, the head
    expect(model.weights).toHaveLength(318 + 2 + 2)
    const names = model.layers.map(({ name }) => name)
    expect(names.slice(0, 8)).toEqual([
      'image',
      'normalization',
      'conv1_pad',
      'conv1_conv',
      'conv1_bn',
      'conv1_relu',
      'pool1_pad',
      'pool1_pool',
    ])
    const block = [
      '0_conv',
      '0_bn',
      '1_conv',
      '1_bn',
      '1_relu',
      '2_conv',
      '2_bn',
      '2_relu',
      '3_conv',
      '3_bn',
      'add',
      'out',
    ]
    expect(names).toEqual(expect.arrayContaining(block.map((part) => `conv5_block1_${part}`)))
    expect(names).not.toContain('conv5_block2_0_conv')
    expect(names.slice(-3)).toEqual(['conv5_block3_out', 'avg_pool', 'classification'])
  })

  it('halves the image in each stack, on the first convolution', () => {
    expect(model.getLayer('pool1_pool').outputShape).toEqual([null, 56, 56, 64])
    expect(model.getLayer('conv2_block3_out').outputShape).toEqual([null, 56, 56, 256])
    expect(model.getLayer('conv3_block1_1_conv').outputShape).toEqual([null, 28, 28, 128])
    expect(model.getLayer('conv4_block6_out').outputShape).toEqual([null, 14, 14, 1024])
    expect(model.getLayer('conv5_block3_out').outputShape).toEqual([null, 7, 7, 2048])
    expect(model.getLayer(features).outputShape).toEqual([null, 2048])
  })

  it("has Keras's batch norms", () => {
    expect(model.getLayer('conv1_bn').getConfig()).toMatchObject({ epsilon: 1.001e-5, momentum: 0.99 })
    expect(model.getLayer('conv5_block3_3_bn').getConfig()).toMatchObject({ epsilon: 1.001e-5, momentum: 0.99 })
  })

  it('takes the means of ImageNet from red, green and blue', () => {
    const values = tf.tidy(() => {
      const normalized = tf.model({ inputs: model.inputs, outputs: model.getLayer('normalization').output })
      return [...(normalized.predict(tf.fill([1, 224, 224, 3], 100)) as tf.Tensor).dataSync().slice(0, 3)]
    })
    expect(values[0]).toBeCloseTo(-23.68, 4)
    expect(values[1]).toBeCloseTo(-16.779, 4)
    expect(values[2]).toBeCloseTo(-3.939, 4)
  })

  it('takes weights that have no such layer, and lets nobody train it', () => {
    const variables = backboneOf({ model, features, pretrained: null }).flatMap(({ weights }) => weights)
    const tensors = variables
      .filter(({ originalName }) => !originalName.startsWith('normalization'))
      .map(({ originalName, shape }) => {
        const sizes = shape.map(Number)
        return [originalName, { shape: sizes, values: new Float32Array(sizes.reduce((a, b) => a * b, 1)) }] as const
      })
    assignWeights({ model, features, pretrained: null }, { place: 'test', format: 'tfjs', tensors: new Map(tensors) })
    expect(model.getLayer('conv1_conv').getWeights()[0]?.abs().sum().dataSync()[0]).toBe(0)
    expect(model.getLayer('normalization').getWeights()[0]?.dataSync()[0]).toBe(1)
    expect(model.getLayer('normalization').trainableWeights).toEqual([])
  })
})
