import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asBytes, imagesToExplain } from '../../src/evaluate/explain.ts'
import { readHeatMaps, writeHeatMaps } from '../../src/scores/heat-maps.ts'
import { evaluationOf } from './scored.ts'

describe('imagesToExplain', () => {
  const { images } = evaluationOf({
    validation: { cat: 'cdh', dog: 'd' },
    holdout: { dog: 'c' },
    test: { horse: 'hd' },
  })

  it('takes the wrong images alone, of the test set first', () => {
    expect(imagesToExplain(images).map(({ id }) => id)).toEqual([
      ...[
        'test/horse/test-1.png',
        'train/dog/holdout-0.png',
        'train/cat/validation-1.png',
        'train/cat/validation-2.png',
      ],
    ])
  })

  it('takes the surest of a part first, and no more than it may', () => {
    const surer = images.map((image) =>
      image.id === 'train/cat/validation-2.png' ? { ...image, probabilities: [0.05, 0.05, 0.9] } : image,
    )
    const ids = imagesToExplain(surer, 3).map(({ id }) => id)
    expect(ids).toEqual(['test/horse/test-1.png', 'train/dog/holdout-0.png', 'train/cat/validation-2.png'])
  })
})

describe('asBytes', () => {
  it('makes the greatest value 255 and rounds the others', () => {
    expect([...asBytes(Float32Array.of(0, 1, 0.5, 2))]).toEqual([0, 128, 64, 255]) // 127.5 and 63.75
  })
  it('leaves zeros as they are', () => {
    expect([...asBytes(new Float32Array(3))]).toEqual([0, 0, 0])
  })
})

describe('heatmaps.npy and heatmaps.csv', () => {
  let folder: string
  const files = () => ({ array: join(folder, 'heatmaps.npy'), index: join(folder, 'heatmaps.csv') })
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'paddock-heat-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('hold what was written', async () => {
    const maps = ['dog', 'cat, "the" cat'].map((name, place) => ({
      id: 'test/cat/a.png',
      part: 'test' as const,
      class: name,
      values: Uint8Array.from([0, 1, 2, 3, 4, 255].map((value) => Math.max(0, value - place))),
    }))
    await writeHeatMaps(files(), { height: 2, width: 3, maps })
    expect(await readHeatMaps(files())).toEqual({ height: 2, width: 3, maps })
  })

  it('hold none where no image is wrong', async () => {
    await writeHeatMaps(files(), { height: 0, width: 0, maps: [] })
    expect(await readHeatMaps(files())).toEqual({ height: 0, width: 0, maps: [] })
  })

  it('are refused when they do not belong together', async () => {
    await writeFile(files().index, 'id,part,class\na,test,cat\n')
    await expect(readHeatMaps(files())).rejects.toThrow(
      /^Expected heat maps for the 1 lines of .*, received the shape 0 x 0 x 0\. Run evaluate again\.$/,
    )
  })
})
