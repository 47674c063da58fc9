import { mkdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writePacked } from '../../src/batches/packed.ts'
import { seededRng } from '../../src/core/random.ts'
import { asBytes, explainImages, imagesToExplain } from '../../src/evaluate/explain.ts'
import { openGradCam } from '../../src/evaluate/grad-cam.ts'
import type { SavedModel } from '../../src/network/saved.ts'
import type { PredictedImage } from '../../src/scores/predictions.ts'
import { layerGraphOf, weightsOf } from '../../src/tensorflow/graph.ts'
import { brightnessImages, SIDE, smallNetwork } from '../support/small-network.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { expectTensorsKept } from '../support/tensors.ts'
import { evaluationOf } from './scored.ts'

const CLASSES = ['dark', 'grey', 'bright']
const SIZE = SIDE * SIDE * 3
const COUNT = 5
const { values } = brightnessImages(COUNT, seededRng(1, 'images'))
const INPUT = [SIDE, SIDE, 3]

const network = smallNetwork()
const model: SavedModel = {
  config: 'small',
  architecture: 'small',
  mode: 'zero',
  classes: CLASSES,
  trainImages: new Map(),
  epochs: 1,
  bestEpoch: 1,
  image: { size: SIDE, fit: 'cover' },
  parameters: { total: 0, trainable: 0 },
  graph: layerGraphOf(network),
  weights: weightsOf(network),
}
/** Images 0 to 3 of the test set and image 4 of validation, each dark and taken for grey or bright. */
const images = [0, 1, 2, 3, 4].map(
  (number): PredictedImage => ({
    id: `${number}.png`,
    part: number < 4 ? 'test' : 'validation',
    label: 'dark',
    prediction: number % 2 === 0 ? 'grey' : 'bright',
    probabilities: [0.1, 0.5, 0.4],
  }),
)

describe('explainImages', () => {
  temporaryFolder({ per: 'file', enter: true })
  beforeAll(async () => {
    await mkdir('artifacts/augment', { recursive: true })
    for (const part of ['test', 'validation'] as const) {
      // As augment packs them, in another order than the answers.
      const rows = images.filter((image) => image.part === part).reverse()
      const packed = rows.map(({ id, label }) => ({ id, label, variant: 0 }))
      await writePacked('artifacts/augment', part, { rows: packed, size: SIDE }, async (writeRow) => {
        for (const [row, { id }] of rows.entries()) await writeRow(row, pixelsOf(Number.parseInt(id, 10)))
      })
    }
  })
  afterAll(() => network.dispose())

  it('draws a map of the answer and one of the label of each image, whatever the batches are', async () => {
    const { height, width, maps } = await explainImages(model, images, { batchSize: 3 })
    const cam = openGradCam(model, INPUT)
    const expected = images.flatMap(({ id, prediction, label }) =>
      [prediction, label].map((name) => {
        const [map] = cam.run(pixelsOf(Number.parseInt(id, 10)), 1, [[CLASSES.indexOf(name)]])
        return [id, name, asBytes(map?.values ?? new Float32Array())] as const
      }),
    )
    cam.dispose()
    expect([height, width]).toEqual([4, 4]) // 16 px: 14 after the convolution, 7 pooled, 4 with strides of 2
    const found = new Map(maps.map((map) => [`${map.id} ${map.class}`, map.values]))
    expect(maps).toHaveLength(expected.length)
    for (const [id, name, map] of expected) {
      const values = [...(found.get(`${id} ${name}`) ?? [])]
      expect(values).toHaveLength(16)
      for (const [place, value] of values.entries()) expect(Math.abs(value - (map[place] ?? 0))).toBeLessThanOrEqual(1)
    }
    expect(maps.some((map) => Math.max(...map.values) === 255)).toBe(true)
  })

  it('draws nothing where nothing is wrong', async () => {
    expect(await explainImages(model, [], { batchSize: 3 })).toEqual({ height: 0, width: 0, maps: [] })
  })

  it('leaves no tensor behind', async () => {
    await expectTensorsKept(0, () => explainImages(model, images, { batchSize: 3 }))
  })
})

describe('imagesToExplain', () => {
  const { images } = evaluationOf({
    validation: { cat: 'cdh', dog: 'd' },
    holdout: { dog: 'c' },
    test: { horse: 'hd' },
  })

  it('takes wrong images only, those of the test set first', () => {
    expect(imagesToExplain(images).map(({ id }) => id)).toEqual([
      ...[
        'test/horse/test-1.png',
        'train/dog/holdout-0.png',
        'train/cat/validation-1.png',
        'train/cat/validation-2.png',
      ],
    ])
  })

  it('takes those with the highest probability first, and no more than it may', () => {
    const surer = images.map((image) =>
      image.id === 'train/cat/validation-2.png' ? { ...image, probabilities: [0.05, 0.05, 0.9] } : image,
    )
    const ids = imagesToExplain(surer, 3).map(({ id }) => id)
    expect(ids).toEqual(['test/horse/test-1.png', 'train/dog/holdout-0.png', 'train/cat/validation-2.png'])
  })
})

describe('asBytes', () => {
  it('makes the largest value 255 and rounds the others', () => {
    expect([...asBytes(Float32Array.of(0, 1, 0.5, 2))]).toEqual([0, 128, 64, 255]) // 127.5 and 63.75
  })
  it('leaves zeros as they are', () => {
    expect([...asBytes(new Float32Array(3))]).toEqual([0, 0, 0])
  })
})

function pixelsOf(number: number): Uint8Array {
  return values.slice(number * SIZE, (number + 1) * SIZE)
}
