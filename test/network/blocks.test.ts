import { describe, expect, it } from 'vitest'
import { build as buildConvNeXt } from '../../src/models/convnext.ts'
import { build as buildEfficientNet } from '../../src/models/efficientnet.ts'
import { build as buildEfficientNetV2 } from '../../src/models/efficientnetv2.ts'
import { build as buildMobileNet } from '../../src/models/mobilenet.ts'
import { build as buildResNet } from '../../src/models/resnet.ts'
import { backboneOf, type Network } from '../../src/network/network.ts'
import type { FineTuneParams } from '../../src/network/params.ts'
import { blockNames, layersBelow } from '../../src/network/registry.ts'

const OPTIONS = { imageSize: 64, classCount: 3, seed: 1, dropout: 0.2 }
const resnet = buildResNet({ architecture: 'resnet', mode: 'zero' }, OPTIONS)
const b4 = buildEfficientNet({ architecture: 'efficientnet', mode: 'zero', variant: 'b4' }, OPTIONS)
const v2 = buildEfficientNetV2({ architecture: 'efficientnetv2', mode: 'zero', variant: 's' }, OPTIONS)
const convnext = buildConvNeXt({ architecture: 'convnext', mode: 'zero', variant: 'tiny' }, OPTIONS)
const mobilenet = buildMobileNet({ architecture: 'mobilenet', mode: 'zero', width: 0.25 }, OPTIONS)

/** Layers of the backbone that are trained, in the order of the model. */
function unfrozen(network: Network, unfreeze: FineTuneParams['unfreeze']): string[] {
  const below = layersBelow(network, unfreeze)
  return backboneOf(network)
    .filter((layer) => !below.includes(layer))
    .map(({ name }) => name)
}

describe('blockNames', () => {
  it('has the residual blocks of ResNet50, three, four, six and three of them', () => {
    const stacks = [3, 4, 6, 3].map((count, i) => Array.from({ length: count }, (_, n) => `conv${i + 2}_block${n + 1}`))
    expect(blockNames(resnet)).toEqual(stacks.flat())
  })

  it('has the 32 blocks of EfficientNetB4', () => {
    const blocks = blockNames(b4)
    expect(blocks).toHaveLength(32)
    expect(blocks.slice(0, 3)).toEqual(['block1a', 'block1b', 'block2a'])
    expect(blocks.slice(-2)).toEqual(['block7a', 'block7b'])
  })

  it('has the 40 blocks of EfficientNetV2-S', () => {
    const blocks = blockNames(v2)
    expect(blocks).toHaveLength(40)
    expect(blocks.slice(0, 3)).toEqual(['block1a', 'block1b', 'block2a'])
    expect(blocks.slice(-2)).toEqual(['block6n', 'block6o'])
  })

  it('has the 18 blocks of ConvNeXt-Tiny', () => {
    const stages = [3, 3, 9, 3].map((count, stage) =>
      Array.from({ length: count }, (_, block) => `convnext_tiny_stage_${stage}_block_${block}`),
    )
    expect(blockNames(convnext)).toEqual(stages.flat())
  })

  it('has the 13 depthwise separable blocks of MobileNet', () => {
    expect(blockNames(mobilenet)).toEqual(Array.from({ length: 13 }, (_, i) => String(i + 1)))
  })
})

describe('layersBelow', () => {
  it('leaves the last block of each network, and what follows it, to be trained', () => {
    const names = unfrozen(resnet, 1)
    expect(names.at(-1)).toBe('avg_pool')
    expect(names.slice(0, -1).every((name) => name.startsWith('conv5_block3_'))).toBe(true)
    expect(names).toHaveLength(11) // three convolutions, three batch norms, two ReLUs, the sum and its ReLU, the pooling
    expect(unfrozen(b4, 1)).toEqual(
      expect.arrayContaining(['block7b_expand_conv', 'block7b_add', 'top_conv', 'top_bn']),
    )
    expect(unfrozen(b4, 1)).not.toContain('block7a_project_bn')
    expect(unfrozen(mobilenet, 1)).toEqual([
      ...['conv_dw_13', 'conv_dw_13_bn', 'conv_dw_13_relu', 'conv_pw_13', 'conv_pw_13_bn', 'conv_pw_13_relu'],
      'global_average_pooling2d',
    ])
  })

  it('leaves whole blocks to be trained, their shortcuts too', () => {
    const block = (network: Network, name: string) => network.block?.exec(name)?.[1]
    for (const network of [resnet, b4, v2, convnext, mobilenet]) {
      const names = blockNames(network)
      const trained = unfrozen(network, 3).map((name) => block(network, name))
      const below = layersBelow(network, 3).map(({ name }) => block(network, name))
      expect([...new Set(trained)].filter(Boolean)).toEqual(names.slice(-3))
      expect([...new Set(below)].filter(Boolean)).toEqual(names.slice(0, -3))
    }
  })

  it('keeps the stem frozen unless all is trained', () => {
    expect(layersBelow(resnet, 16).map(({ name }) => name)).toContain('conv1_conv')
    expect(unfrozen(resnet, 16)).toContain('conv2_block1_0_conv')
    expect(layersBelow(resnet, 'all')).toEqual([])
  })

  it('says how many blocks there are when it is asked for more', () => {
    expect(() => layersBelow(resnet, 17)).toThrow(
      'Expected fineTune.unfreeze of resnet50 to be at most 16, the number of its blocks, received 17. Lower it, or write all.',
    )
  })
})
