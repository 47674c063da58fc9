import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { seededRng } from '../../src/core/random.ts'
import { build } from '../../src/models/mobilenet.ts'
import { assignWeights } from '../../src/network/assign.ts'
import { publishedWeights } from '../../src/network/published.ts'
import { readWeights } from '../../src/network/weights.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const folder = temporaryFolder()

const OPTIONS = { imageSize: 224, classCount: 3, seed: 1, dropout: 0 }
const OFFICIAL = '../shared/weights'

const entry = (width: 0.25 | 0.5 | 0.75 | 1) => ({ architecture: 'mobilenet', mode: 'zero', width }) as const

describe('build of MobileNet', () => {
  it.each([
    [0.25, 218_544, 256],
    [0.5, 829_536, 512],
    [0.75, 1_832_976, 768],
    [1, 3_228_864, 1024],
  ] as const)('has the parameters of Keras without its top at width %d', (width, parameters, channels) => {
    // keras.applications.MobileNet(include_top=False, alpha=width).count_params()
    const { model, features } = build(entry(width), OPTIONS)
    expect(model.countParams()).toBe(parameters + channels * 3 + 3)
    expect(model.getLayer('conv_pw_13_relu').outputShape).toEqual([null, 7, 7, channels])
    expect(model.getLayer(features).outputShape).toEqual([null, channels])
    model.dispose()
  })

  it('has the parameter count worked out by hand at width 0.25', () => {
    const filters = [8, 16, 32, 32, 64, 64, 128, 128, 128, 128, 128, 128, 256, 256]
    const normalized = (channels: number) => 4 * channels
    const blocks = filters.slice(1).map((outputs, index) => {
      const inputs = filters[index] ?? 0
      return 9 * inputs + normalized(inputs) + inputs * outputs + normalized(outputs)
    })
    const backbone = 27 * 8 + normalized(8) + blocks.reduce((sum, count) => sum + count, 0)
    const { model } = build(entry(0.25), OPTIONS)
    expect(model.countParams()).toBe(backbone + 256 * 3 + 3)
    model.dispose()
  })

  it('takes any size from 32 px, rounding up where it halves', () => {
    const { model } = build(entry(0.25), { ...OPTIONS, imageSize: 33 })
    expect(model.getLayer('conv1').outputShape).toEqual([null, 17, 17, 8])
    expect(model.getLayer('conv_pw_13').outputShape).toEqual([null, 2, 2, 256]) // 33 17 9 5 3 2
    model.dispose()
    expect(() => build(entry(0.25), { ...OPTIONS, imageSize: 31 })).toThrow('at least 32 px')
  })

  it('gives the same probabilities when stock TensorFlow.js has loaded what was saved', async () => {
    const { model } = build(entry(0.25), { ...OPTIONS, imageSize: 32, dropout: 0.2 })
    await model.save(`file://${folder.path}`)
    const loaded = await tf.loadLayersModel(`file://${folder.path}/model.json`)
    const images = drawnImages(2, 32)
    const [ours, theirs] = [model, loaded].map((network) => network.predict(images) as tf.Tensor)
    expect([...(theirs?.dataSync() ?? [])]).toEqual([...(ours?.dataSync() ?? [])])
    model.dispose()
    loaded.dispose()
    images.dispose()
  })

  it('keeps no tensor but its weights', async () => {
    // 27 convolutions without bias, 27 batch norms of four, a dense layer of two
    await expectTensorsKept(27 + 4 * 27 + 2, () => build(entry(0.25), { ...OPTIONS, imageSize: 32 }))
  })
})

describe.skipIf(!existsSync(OFFICIAL))('the official weights (where ../shared/weights is there)', () => {
  it.each([0.25, 0.75] as const)('give the features of the official model at width %d', async (width) => {
    const network = build(entry(width), OPTIONS)
    const { url, sha256 } = publishedWeights(entry(width)) ?? { url: '', sha256: null }
    const weights = await readWeights(
      { url, sha256: sha256 ?? '' },
      { PADDOCK_CACHE: folder.path, PADDOCK_MIRROR: OFFICIAL },
    )
    assignWeights(network, weights)
    const official = await tf.loadLayersModel(`file://${OFFICIAL}/mobilenet_v1_${width}_224/model.json`)

    const names = official.layers.slice(1).map(({ name }) => name)
    const last = names.indexOf('conv_pw_13_relu')
    expect(network.model.layers.slice(2, last + 3).map(({ name }) => name)).toEqual(names.slice(0, last + 1))

    const images = drawnImages(3, 224)
    tf.tidy(() => {
      const scaled = upTo(network.model, 'rescaling').predict(images) as tf.Tensor
      expect(greatest(scaled.sub(images.div(127.5).sub(1)))).toBeLessThan(2e-7) // float32 rounds 1 / 127.5
      const ours = upTo(network.model, 'conv_pw_13_relu').predict(images) as tf.Tensor
      const theirs = upTo(official, 'conv_pw_13_relu').predict(scaled) as tf.Tensor
      expect(greatest(theirs)).toBeGreaterThan(1)
      expect(greatest(ours.sub(theirs)) / greatest(theirs)).toBeLessThanOrEqual(1e-5)
    })
    network.model.dispose()
    official.dispose()
    images.dispose()
  })
})

function upTo(model: tf.LayersModel, layer: string): tf.LayersModel {
  return tf.model({ inputs: model.inputs, outputs: model.getLayer(layer).output })
}

function greatest(tensor: tf.Tensor): number {
  return tensor.abs().max().dataSync()[0] ?? Number.NaN
}

/** Soft blobs of colour with noise on them: `[count, size, size, 3]`, whole numbers from 0 to 255. */
function drawnImages(count: number, size: number): tf.Tensor4D {
  const rng = seededRng(1, 'drawn images')
  const values = Float32Array.from({ length: count * size * size * 3 }, (_, index) => {
    const [x, y] = [Math.floor(index / 3) % size, Math.floor(index / 3 / size) % size]
    const wave = 1 + Math.sin((x * (1 + (index % 3))) / 17) * Math.cos(y / 23 + Math.floor(index / (size * size * 3)))
    return Math.floor(100 * wave + 55 * rng())
  })
  return tf.tensor4d(values, [count, size, size, 3])
}
