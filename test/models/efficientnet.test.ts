import { describe, expect, it } from 'vitest'
import { blocksOf, build, roundFilters, variants } from '../../src/models/efficientnet.ts'
import { countParameters } from '../../src/network/saved.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const folder = temporaryFolder()

const OPTIONS = { classCount: 3, seed: 1, dropout: 0 }
/** Keras counts a mean and a variance a channel and a count; ours a scale and an offset a channel. */
const NORMALIZATION = { keras: 7, ours: 6 }

const network = (variant: keyof typeof variants, imageSize: number = variants[variant].imageSize) =>
  build({ architecture: 'efficientnet', mode: 'zero', variant }, { ...OPTIONS, imageSize })

describe('build of EfficientNet', () => {
  // keras.applications.EfficientNetB0(include_top=False).count_params(), and so on; B5 to B7 in efficientnet.long.test.ts
  it.each([
    ['b0', 4_049_571, 1280, 7],
    ['b1', 6_575_239, 1280, 8],
    ['b2', 7_768_569, 1408, 9],
    ['b3', 10_783_535, 1536, 10],
    ['b4', 17_673_823, 1792, 12],
  ] as const)('has the parameters of Keras without its top as %s', (variant, parameters, channels, side) => {
    const { model, features } = network(variant)
    const head = channels * 3 + 3
    expect(model.countParams() - head - NORMALIZATION.ours + NORMALIZATION.keras).toBe(parameters)
    expect(model.getLayer('top_activation').outputShape).toEqual([null, side, side, channels]) // ceil(size / 32)
    expect(model.getLayer(features).outputShape).toEqual([null, channels])
    model.dispose()
  })

  it('has as B4 the weights that training changes in Keras, and the tensors of the official file', () => {
    const { model } = network('b4')
    expect(countParameters(model).trainable).toBe(17_548_616 + 1792 * 3 + 3)
    expect(model.trainableWeights).toHaveLength(416 + 2)
    expect(model.weights).toHaveLength(611 - 3 + 2 + 2) // mean, variance and count there; a scale, an offset and the head here
    expect(model.layers.filter((layer) => layer.getClassName() === 'BatchNormalization')).toHaveLength(96)
    model.dispose()
  })

  it('has the layers of a block under the names of Keras', () => {
    const { model } = network('b0', 64)
    const names = model.layers.map(({ name }) => name)
    const parts = [
      ...['expand_conv', 'expand_bn', 'expand_activation', 'dwconv', 'bn', 'activation', 'se_squeeze', 'se_reshape'],
      ...['se_reduce', 'se_expand', 'se_excite', 'project_conv', 'project_bn', 'drop', 'add'],
    ]
    expect(names.filter((name) => name.startsWith('block2b_')).sort()).toEqual(
      parts.map((part) => `block2b_${part}`).sort(),
    )
    expect(names).not.toContain('block1a_expand_conv')
    expect(names).not.toContain('block2a_add')
    expect(model.getLayer('block2b_bn').getConfig()).toMatchObject({ epsilon: 1e-3, momentum: 0.99 })
    expect(model.getLayer('block2b_drop').getConfig()).toMatchObject({
      rate: (0.2 * 2) / 16,
      noiseShape: [null, 1, 1, 1],
    })
    expect(model.getLayer('block2a_se_reduce').outputShape).toEqual([null, 1, 1, 4]) // a quarter of the block's 16 inputs
    model.dispose()
  })

  it('normalizes by mean and deviation of ImageNet', () => {
    const { model } = network('b0', 32)
    const values = tf.tidy(() => {
      const normalized = tf.model({ inputs: model.inputs, outputs: model.getLayer('normalization').output })
      return [...(normalized.predict(tf.fill([1, 32, 32, 3], 255)) as tf.Tensor).dataSync().slice(0, 3)]
    })
    expect(values[0]).toBeCloseTo((1 - 0.485) / 0.229, 5)
    expect(values[1]).toBeCloseTo((1 - 0.456) / 0.224, 5)
    expect(values[2]).toBeCloseTo((1 - 0.406) / 0.225, 5)
    model.dispose()
  })

  it('gives the same probabilities when stock TensorFlow.js has loaded what was saved', async () => {
    const { model } = network('b0', 64)
    await model.save(`file://${folder.path}`)
    const loaded = await tf.loadLayersModel(`file://${folder.path}/model.json`)
    const images = tf.randomUniform([2, 64, 64, 3], 0, 255, 'float32', 1)
    const [ours, theirs] = [model, loaded].map((each) => (each.predict(images) as tf.Tensor).dataSync())
    expect(theirs).toEqual(ours)
    model.dispose()
    loaded.dispose()
    images.dispose()
  })

  it('keeps no tensor but its weights', async () => {
    const { model } = network('b0', 32)
    await expectTensorsKept(model.weights.length, () => network('b0', 32))
  })
})

describe('blocksOf', () => {
  it('gives B4 its 32 blocks and filters', () => {
    const blocks = blocksOf('b4')
    expect(blocks).toHaveLength(32)
    const stages = [1, 2, 3, 4, 5, 6, 7].map((stage) =>
      blocks.filter(({ prefix }) => prefix.startsWith(`block${stage}`)),
    )
    expect(stages.map((stage) => [stage[0]?.filtersOut, stage.length])).toEqual([
      [24, 2],
      [32, 4],
      [56, 4],
      [112, 6],
      [160, 6],
      [272, 8],
      [448, 2],
    ])
  })

  it('leaves blocks out the more often the later they come', () => {
    // 0.2 * block / 16 in B0
    const rates = blocksOf('b0').map(({ dropRate }) => dropRate)
    expect(rates[0]).toBe(0)
    expect(rates[8]).toBeCloseTo(0.1, 10)
    expect(rates[15]).toBeCloseTo(0.1875, 10)
  })
})

describe('roundFilters', () => {
  it('rounds to multiples of 8 and never more than a tenth down', () => {
    expect(roundFilters(32, 1.4)).toBe(48) // 44.8
    expect(roundFilters(16, 1.4)).toBe(24) // 22.4
    expect(roundFilters(24, 1.1)).toBe(24) // 26.4 would be 24, which is above 23.76
    expect(roundFilters(10, 1.1)).toBe(16) // 11 would be 8, which is below 9.9
  })
})
