import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parseParams } from '../../../src/command-line/params.ts'
import { buildUntrained } from '../../../src/network/registry.ts'
import { drawBlocks } from '../../../src/predict/draw/blocks.ts'
import { type DrawnLayer, drawnLayers } from '../../../src/predict/draw/layers.ts'
import { type ModelEntry, selectConfiguration } from '../../../src/train/params.ts'
import { expectTensorsKept } from '../../support/tensors.ts'

const sample = parseParams(await readFile('profiles/sample.yaml', 'utf8'))

describe('drawBlocks', () => {
  it('draws layers whose names tell no block one by one', () => {
    const drawing = drawBlocks([layer('image', []), layer('dense', ['image'], { parameters: 7, work: 'dense 3' })])
    expect(drawing.boxes.map(({ name, works, parameters }) => [name, works, parameters])).toEqual([
      ['image', [], 0],
      ['dense', ['dense 3'], 7],
    ])
    expect(drawing.arrows).toEqual([{ from: 'image', to: 'dense', shape: [8, 8, 4] }])
  })

  it('makes a block one box, its sum another, and the shortest way a shortcut around it', () => {
    const { boxes, arrows } = drawBlocks(residualBlock('image', { projected: true }))
    expect(boxes.map(({ name, parameters, isSum }) => [name, parameters, isSum])).toEqual([
      ['image', 0, false],
      ['conv2_block1', 5 + 3 + 2, false], // 3 of the shortcut's convolution
      ['conv2_block1_add', 0, true],
    ])
    expect(boxes[1]?.works).toEqual(['1x1 conv 4', '3x3 conv 4'])
    expect(arrows).toEqual([
      { from: 'image', to: 'conv2_block1', shape: [8, 8, 4] },
      { from: 'image', to: 'conv2_block1_add', shape: [8, 8, 4], shortcut: ['1x1 conv 4 around'] },
      { from: 'conv2_block1', to: 'conv2_block1_add', shape: [8, 8, 4] },
    ])
  })

  it('draws a shortcut on which nothing is done', () => {
    const { arrows } = drawBlocks(residualBlock('image', { projected: false }))
    expect(arrows).toContainEqual({ from: 'image', to: 'conv2_block1_add', shape: [8, 8, 4], shortcut: [] })
  })

  it('gives the sums of an ordinary network no block to go around', () => {
    const drawing = drawBlocks([layer('a', []), layer('b', ['a']), layer('add', ['a', 'b'], { kind: 'Add' })])
    expect(drawing.boxes.map(({ isSum }) => isSum)).toEqual([false, false, false])
    expect(drawing.arrows.every(({ shortcut }) => shortcut === undefined)).toBe(true)
  })

  it.each<[string, ModelEntry, { blocks: number; sums: number; projected: number; parameters: number }]>([
    // 3 + 4 + 6 + 3 blocks, the first of each stack projected; no-top parameters, 6 of the preprocessing, 2048 * 3 + 3
    [
      'ResNet50',
      { architecture: 'resnet', mode: 'zero' },
      { blocks: 16, sums: 16, projected: 4, parameters: 23_587_712 + 6 + 6_147 },
    ],
    // 1 + 2 + 2 + 3 + 3 + 4 + 1 blocks, the first of each stage without a shortcut; 1280 * 3 + 3
    [
      'EfficientNetB0',
      { architecture: 'efficientnet', variant: 'b0', mode: 'zero' },
      { blocks: 16, sums: 9, projected: 0, parameters: 4_049_564 + 6 + 3_843 }, // Keras's 4,049,571 less the 7 of its Normalization
    ],
    [
      'MobileNet',
      { architecture: 'mobilenet', width: 0.25, mode: 'zero' },
      { blocks: 13, sums: 0, projected: 0, parameters: 218_544 + 771 },
    ],
  ])('finds the blocks and shortcuts of %s, and loses no parameter', async (_, entry, expected) => {
    const { boxes, arrows } = drawBlocks(await layersOf(entry))
    expect({
      blocks: boxes.filter(({ name, isSum }) => /block|conv_dw/.test(name) && !isSum).length,
      sums: boxes.filter(({ isSum }) => isSum).length,
      projected: arrows.filter(({ shortcut }) => shortcut && shortcut.length > 0).length,
      parameters: boxes.reduce((sum, { parameters }) => sum + parameters, 0),
    }).toEqual(expected)
    expect(arrows.length).toBe(boxes.length - 1 + expected.sums) // a chain, and one more into each sum
  })

  it('keeps no tensor', async () => {
    const { model } = await build({ architecture: 'original', mode: 'zero' })
    await expectTensorsKept(0, () => drawBlocks(drawnLayers(model)))
  })
})

function layer(name: string, inputs: readonly string[], given: Partial<DrawnLayer> = {}): DrawnLayer {
  return { name, inputs, kind: 'Activation', work: '', shape: [8, 8, 4], parameters: 0, ...given }
}

/** Two convolutions beside a shortcut that is a convolution or nothing. */
function residualBlock(input: string, { projected }: { projected: boolean }): DrawnLayer[] {
  const name = 'conv2_block1'
  const shortcut = layer(`${name}_0_conv`, [input], { work: '1x1 conv 4 around', parameters: 3 })
  return [
    layer(input, []),
    ...(projected ? [shortcut] : []),
    layer(`${name}_1_conv`, [input], { work: '1x1 conv 4', parameters: 5 }),
    layer(`${name}_2_conv`, [`${name}_1_conv`], { work: '3x3 conv 4', parameters: 2 }),
    layer(`${name}_add`, [projected ? shortcut.name : input, `${name}_2_conv`], { kind: 'Add' }),
    layer(`${name}_out`, [`${name}_add`]),
  ]
}

async function layersOf(entry: ModelEntry): Promise<DrawnLayer[]> {
  const { model } = await build(entry)
  return drawnLayers(model)
}

function build(entry: ModelEntry) {
  const configuration = selectConfiguration({ ...sample, models: { net: entry } }, 'net')
  return buildUntrained(configuration, { imageSize: 128, classCount: 3, seed: 1 })
}
