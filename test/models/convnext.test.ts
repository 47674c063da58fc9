import { afterAll, describe, expect, it } from 'vitest'
import { build } from '../../src/models/convnext.ts'
import { assignWeights, fromKeras } from '../../src/network/assign.ts'
import { backboneOf, NORMALIZATION } from '../../src/network/network.ts'
import { countParameters } from '../../src/network/saved.ts'
import { tf } from '../../src/tensorflow/raw.ts'

const OPTIONS = { imageSize: 32, classCount: 3, seed: 1, dropout: 0 }
const BLOCK = 'convnext_tiny_stage_1_block_2_'
const network = build({ architecture: 'convnext', mode: 'zero', variant: 'tiny' }, OPTIONS)
const { model, features } = network

describe('build of ConvNeXt', () => {
  afterAll(() => {
    model.dispose()
  })

  it('has the parameters of Keras without its top', () => {
    // keras.applications.ConvNeXtTiny(include_top=False, weights=None, pooling='avg').count_params(): all are trainable, in
    // 180 tensors; its normalization has constants, ours two weights of 6.
    const head = 768 * 3 + 3
    expect(countParameters(model)).toEqual({ total: 27_820_128 + 6 + head, trainable: 27_820_128 + head })
    expect(model.trainableWeights).toHaveLength(180 + 2)
    expect(model.getLayer(features).outputShape).toEqual([null, 768])
  })

  it('has the layers of a block under the names of Keras', () => {
    const names = model.layers.flatMap(({ name }) => (name.startsWith(BLOCK) ? [name.slice(BLOCK.length)] : []))
    expect(names).toEqual([
      ...[
        'depthwise_conv',
        'layernorm',
        'pointwise_conv_1',
        'gelu',
        'pointwise_conv_2',
        'layer_scale',
        'identity',
        'add',
      ],
    ])
    expect(model.getLayer(`${BLOCK}layernorm`).getConfig()).toMatchObject({ epsilon: 1e-6 })
    expect(model.getLayer('convnext_tiny_stem_conv').outputShape).toEqual([null, 8, 8, 96])
    expect(model.getLayer('convnext_tiny_downsampling_conv_2').outputShape).toEqual([null, 1, 1, 768])
  })

  it('begins with layer scales of a millionth', () => {
    const [scale] = model.getLayer(`${BLOCK}layer_scale`).getWeights()
    expect([...new Set(scale?.dataSync())]).toEqual([Math.fround(1e-6)])
  })

  it('drops blocks the more often the later they come, where stochastic depth is asked for', () => {
    const entry = { architecture: 'convnext', mode: 'zero', variant: 'tiny', stochasticDepth: 0.34 } as const
    const { model: deep } = build(entry, OPTIONS)
    const rateOf = (name: string) => deep.getLayer(`convnext_tiny_${name}_stochastic_depth`).getConfig()
    // numpy.linspace(0, 0.34, 18)
    expect(deep.layers.map(({ name }) => name)).toContain('convnext_tiny_stage_0_block_0_identity')
    expect(rateOf('stage_0_block_1').rate).toBeCloseTo(0.02, 10)
    expect(rateOf('stage_3_block_2')).toMatchObject({ rate: 0.34, noiseShape: [null, 1, 1, 1] })
    deep.dispose()
  })
})

describe("ConvNeXt's weights of Keras", () => {
  const tensors = () =>
    new Map(
      backboneOf(network)
        .filter(({ name }) => name !== NORMALIZATION)
        .flatMap(({ weights }) => weights)
        .map(({ originalName, shape }) => [originalName, zeros(shape.map(Number))]),
    )

  it('come from nested networks, grouped, dense and scaling layers by their order', () => {
    const grouped = { shape: [7, 7, 1, 96], values: Float32Array.from({ length: 49 * 96 }, (_, i) => i) }
    const found = fromKeras(
      network,
      new Map([
        ['convnext_tiny_stem/kernel', zeros([4, 4, 3, 96])],
        ['convnext_tiny_stem/bias', zeros([96])],
        ['convnext_tiny_stem/gamma', zeros([96])],
        ['convnext_tiny_stem/beta', zeros([96])],
        ['convnext_tiny_stage_0_block_0_depthwise_conv/kernel', grouped],
        ['convnext_tiny_stage_0_block_0_depthwise_conv/bias', zeros([96])],
        ['convnext_tiny_stage_0_block_0_layer_scale/Variable', zeros([96])],
        ['convnext_tiny_stage_0_block_0_pointwise_conv_1/kernel', zeros([96, 384])],
        ['convnext_tiny_stage_0_block_0_pointwise_conv_1/bias', zeros([384])],
        ['layer_normalization_23/gamma', zeros([768])],
        ['layer_normalization_23/beta', zeros([768])],
      ]),
    )
    expect([...found].map(([name, { shape }]) => [name, shape])).toEqual([
      ['convnext_tiny_stem_conv/kernel', [4, 4, 3, 96]],
      ['convnext_tiny_stem_conv/bias', [96]],
      ['convnext_tiny_stem_layernorm/gamma', [96]],
      ['convnext_tiny_stem_layernorm/beta', [96]],
      ['convnext_tiny_stage_0_block_0_depthwise_conv/depthwise_kernel', [7, 7, 96, 1]],
      ['convnext_tiny_stage_0_block_0_depthwise_conv/bias', [96]],
      ['convnext_tiny_stage_0_block_0_layer_scale/depthwise_kernel', [1, 1, 96, 1]],
      ['convnext_tiny_stage_0_block_0_pointwise_conv_1/kernel', [1, 1, 96, 384]],
      ['convnext_tiny_stage_0_block_0_pointwise_conv_1/bias', [384]],
      ['layer_normalization/gamma', [768]],
      ['layer_normalization/beta', [768]],
    ])
    expect(found.get('convnext_tiny_stage_0_block_0_depthwise_conv/depthwise_kernel')?.values).toBe(grouped.values)
  })

  it('are refused where a tensor is of another shape, with both shapes', () => {
    const before = tf.memory().numTensors
    const weights = tensors().set('convnext_tiny_stage_0_block_0_depthwise_conv/depthwise_kernel', zeros([5, 5, 1, 96]))
    expect(() => assignWeights(network, { place: 'tiny.h5', format: 'keras', tensors: weights })).toThrow(
      'Expected weights that fit convnext_tiny in tiny.h5, received others: convnext_tiny_stage_0_block_0_depthwise_conv/depthwise_kernel is [5,5,1,96] and must be [7,7,96,1].',
    )
    expect(tf.memory().numTensors).toBe(before)
  })
})

function zeros(shape: readonly number[]) {
  return { shape, values: new Float32Array(shape.reduce((product, size) => product * size, 1)) }
}
