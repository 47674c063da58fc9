import { describe, expect, it } from 'vitest'
import { build } from '../../src/models/original.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const ENTRY = { architecture: 'original', mode: 'zero' } as const
const OPTIONS = { imageSize: 110, classCount: 3, seed: 1, dropout: 0 }

describe('build of the Original CNN', () => {
  it('has the parameter count worked out by hand at 224 px', () => {
    // 224 222 111 109 54 52 26 24 12 10 8, so 8 * 8 * 64 = 4096 numbers reach the first dense layer
    const convolutions = 9 * 3 * 16 + 16 + (9 * 16 * 32 + 32) + (9 * 32 * 64 + 64) + 3 * (9 * 64 * 64 + 64)
    const dense = 4096 * 516 + 516 + (516 * 256 + 256) + (256 * 3 + 3)
    const { model } = build(ENTRY, { ...OPTIONS, imageSize: 224 })
    expect(model.countParams()).toBe(convolutions + dense)
    expect(model.countParams()).toBe(2_381_543)
    model.dispose()
  })

  it('leaves one pixel of the smallest image', () => {
    const { model } = build(ENTRY, OPTIONS)
    expect(model.getLayer('conv2d_5').outputShape).toEqual([null, 1, 1, 64])
    model.dispose()
  })

  it('refuses a smaller image in one line', () => {
    expect(() => build(ENTRY, { ...OPTIONS, imageSize: 109 })).toThrow(
      'Expected images of at least 110 px for original, received 109 px. Raise image.size or choose another architecture.',
    )
  })

  it('has the layers of the study under the names that Keras gives', () => {
    const { model, features } = build(ENTRY, OPTIONS)
    expect(model.layers.map(({ name }) => name)).toEqual([
      'image',
      'rescaling',
      'conv2d',
      'max_pooling2d',
      'conv2d_1',
      'max_pooling2d_1',
      'conv2d_2',
      'max_pooling2d_2',
      'conv2d_3',
      'max_pooling2d_3',
      'conv2d_4',
      'conv2d_5',
      'flatten',
      'dense',
      'dense_1',
      'classification',
    ])
    expect(model.getLayer(features).outputShape).toEqual([null, 256])
    model.dispose()
  })

  it('has as many probabilities as there are classes, and dropout only where it is asked for', () => {
    for (const classCount of [2, 10]) {
      const { model } = build(ENTRY, { ...OPTIONS, classCount, dropout: 0.5 })
      expect(model.outputShape).toEqual([null, classCount])
      expect(model.getLayer('dropout').getConfig().rate).toBe(0.5)
      model.dispose()
    }
  })

  it('starts from the same values with the same seed and from others with another', () => {
    const kernelOf = (seed: number, layer: string) => {
      const { model } = build(ENTRY, { ...OPTIONS, seed })
      const [kernel] = model.getLayer(layer).getWeights()
      const values = [...(kernel?.dataSync() ?? [])]
      model.dispose()
      return values
    }
    expect(kernelOf(0, 'conv2d_4')).toEqual(kernelOf(0, 'conv2d_4')) // 0 is a seed like any other
    expect(kernelOf(1, 'conv2d_4')).not.toEqual(kernelOf(0, 'conv2d_4'))
    expect(kernelOf(1, 'conv2d_5')).not.toEqual(kernelOf(1, 'conv2d_4')) // same shape, another layer
  })

  it('keeps no tensor but its weights', async () => {
    // 6 convolutions and 3 dense layers, a kernel and a bias each
    await expectTensorsKept(18, () => build(ENTRY, OPTIONS))
  })
})
