import { describe, expect, it } from 'vitest'
import { blocksOf, build, variants } from '../../src/models/efficientnetv2.ts'
import { countParameters } from '../../src/network/saved.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const OPTIONS = { classCount: 3, seed: 1, dropout: 0 }
const HEAD = 1280 * 3 + 3

const network = (variant: keyof typeof variants, imageSize = 64) =>
  build({ architecture: 'efficientnetv2', mode: 'zero', variant }, { ...OPTIONS, imageSize })

describe('build of EfficientNetV2', () => {
  // keras.applications.EfficientNetV2B0(include_top=False, weights=None): count_params(), the sum of its trainable weights,
  // their number, the number of all weights and of batch norms; its normalization has constants, ours of b0 two weights of 6.
  it.each([
    ['b0', 5_919_312, 5_858_704, 241, 359, 59, 6],
    ['s', 20_331_360, 20_177_488, 450, 670, 110, 0],
  ] as const)(
    'has the parameters of Keras without its top as %s',
    (variant, all, trainable, tensors, weights, norms, own) => {
      const { imageSize } = variants[variant]
      const { model, features } = network(variant, imageSize)
      expect(countParameters(model)).toEqual({ total: all + own + HEAD, trainable: trainable + HEAD })
      expect(model.trainableWeights).toHaveLength(tensors + 2)
      expect(model.weights).toHaveLength(weights + (own > 0 ? 2 : 0) + 2)
      expect(model.layers.filter((layer) => layer.getClassName() === 'BatchNormalization')).toHaveLength(norms)
      expect(model.getLayer('top_activation').outputShape).toEqual([null, imageSize / 32, imageSize / 32, 1280])
      expect(model.getLayer(features).outputShape).toEqual([null, 1280])
      model.dispose()
    },
  )

  it('has the layers of each kind of block under the names of Keras', () => {
    const { model } = network('b0')
    const partsOf = (block: string) =>
      model.layers.flatMap(({ name }) => (name.startsWith(block) ? [name.slice(block.length)] : [])).sort()
    expect(partsOf('block1a_')).toEqual(['project_activation', 'project_bn', 'project_conv'])
    expect(partsOf('block2a_')).toEqual(['expand_activation', 'expand_bn', 'expand_conv', 'project_bn', 'project_conv'])
    expect(partsOf('block2b_')).toEqual([...partsOf('block2a_'), 'add', 'drop'].sort())
    expect(partsOf('block4b_')).toEqual([
      ...['activation', 'add', 'bn', 'drop', 'dwconv2', 'expand_activation', 'expand_bn', 'expand_conv', 'project_bn'],
      ...['project_conv', 'se_excite', 'se_expand', 'se_reduce', 'se_reshape', 'se_squeeze'],
    ])
    expect(model.getLayer('block2b_project_bn').getConfig()).toMatchObject({ epsilon: 1e-3, momentum: 0.9 })
    expect(model.getLayer('block2b_drop').getConfig()).toMatchObject({
      rate: (0.2 * 2) / 21,
      noiseShape: [null, 1, 1, 1],
    })
    expect(model.getLayer('block4a_se_reduce').outputShape).toEqual([null, 1, 1, 12]) // a quarter of the block's 48 inputs
    model.dispose()
  })

  it.each([
    ['b0', 'normalization', [(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225]],
    ['s', 'rescaling', [255 / 128 - 1, 255 / 128 - 1, 255 / 128 - 1]],
  ] as const)('takes pixels, and scales them as %s does in Keras', (variant, layer, white) => {
    const { model } = network(variant, 32)
    const values = tf.tidy(() => {
      const scaled = tf.model({ inputs: model.inputs, outputs: model.getLayer(layer).output })
      return [...(scaled.predict(tf.fill([1, 32, 32, 3], 255)) as tf.Tensor).dataSync().slice(0, 3)]
    })
    white.forEach((value, channel) => {
      expect(values[channel]).toBeCloseTo(value, 5)
    })
    model.dispose()
  })

  it('keeps no tensor but its weights', async () => {
    const { model } = network('b0', 32)
    await expectTensorsKept(model.weights.length, () => network('b0', 32))
  })
})

describe('blocksOf EfficientNetV2', () => {
  it('gives S its 40 blocks', () => {
    const blocks = blocksOf('s')
    expect(blocks).toHaveLength(40)
    expect(blocks.filter(({ fused }) => fused)).toHaveLength(10)
    expect(blocks.at(-1)).toMatchObject({
      prefix: 'block6o_',
      filtersIn: 256,
      filtersOut: 256,
      dropRate: (0.2 * 39) / 40,
    })
  })
})
