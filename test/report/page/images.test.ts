import { mkdir } from 'node:fs/promises'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { writePacked } from '../../../src/batches/packed.ts'
import { chooseImages, readThumbnails, wholeGroups } from '../../../src/report/page/images.ts'
import { evaluationOf, type Taken } from '../../evaluate/scored.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const CHOSEN: Taken = { validation: { cat: 'cccd', dog: 'ddd' }, test: { horse: 'h' } }
const OTHER: Taken = { validation: { cat: 'dccd', dog: 'dhd' }, test: { horse: 'c' } }
const predictions = { chosen: evaluationOf(CHOSEN).images, other: evaluationOf(OTHER).images }

function chosenOf(most: number, duplicates: Parameters<typeof chooseImages>[1]['duplicates'] = []): string[] {
  return chooseImages(predictions, { chosen: 'chosen', duplicates, most }).map(({ id }) => id)
}

describe('chooseImages', () => {
  it('takes all images where there is room, part by part and by id', () => {
    expect(chosenOf(100)).toEqual([
      ...[0, 1, 2, 3].map((number) => `train/cat/validation-${number}.png`),
      ...[0, 1, 2].map((number) => `train/dog/validation-${number}.png`),
      'test/horse/test-0.png',
    ])
  })

  it('takes first what the chosen configuration gets wrong, then what others do', () => {
    expect(chosenOf(1)).toEqual(['train/cat/validation-3.png'])
    expect(chosenOf(4)).toEqual([
      ...['train/cat/validation-0.png', 'train/cat/validation-3.png', 'train/dog/validation-1.png'],
      'test/horse/test-0.png',
    ])
  })

  it('takes right answers evenly over parts and classes', () => {
    expect(chosenOf(6)).toEqual([
      ...['train/cat/validation-0.png', 'train/cat/validation-1.png', 'train/cat/validation-3.png'],
      ...['train/dog/validation-0.png', 'train/dog/validation-1.png', 'test/horse/test-0.png'],
    ])
  })

  it('takes near duplicates before all, once each, training images too', () => {
    const duplicates = [
      { id: 'train/cat/9.png', part: 'train' as const, label: 'cat' },
      { id: 'train/cat/validation-1.png', part: 'validation' as const, label: 'cat' },
    ]
    expect(chosenOf(3, duplicates)).toEqual([
      ...['train/cat/9.png', 'train/cat/validation-1.png', 'train/cat/validation-3.png'],
    ])
  })
})

describe('wholeGroups', () => {
  it('leaves out a group that does not fit, and takes smaller ones after it', () => {
    expect(wholeGroups([[1, 2], [3, 4, 5], [6]], 3)).toEqual([[1, 2], [6]])
  })
})

describe('readThumbnails', () => {
  const SIDE = 200
  temporaryFolder({ per: 'file', enter: true })
  beforeAll(async () => {
    await mkdir('artifacts/augment', { recursive: true })
    const rows = [
      { id: 'a', label: 'cat', variant: 0 },
      { id: 'b', label: 'cat', variant: 0 },
      { id: 'a', label: 'cat', variant: 1 },
    ]
    await writePacked('artifacts/augment', 'train', { rows, size: SIDE }, async (writeRow) => {
      for (const row of rows.keys()) await writeRow(row, new Uint8Array(SIDE * SIDE * 3).fill(100 * row))
    })
  })

  it('makes small WebP images of the plain variants, in the order that was asked for', async () => {
    const wanted = ['b', 'a'].map((id) => ({ id, part: 'train' as const, label: 'cat' }))
    const thumbnails = await readThumbnails(wanted)
    const decoded = thumbnails.map(async (uri) => {
      expect(uri).toMatch(/^data:image\/webp;base64,/)
      const { data, info } = await sharp(Buffer.from(uri.split(',')[1] ?? '', 'base64'))
        .raw()
        .toBuffer({ resolveWithObject: true })
      return [info.width, info.height, Math.round((data[0] ?? 0) / 10)] // WebP is off by one or two
    })
    expect(await Promise.all(decoded)).toEqual([
      [160, 160, 10],
      [160, 160, 0],
    ])
  })

  it('fails on an image that augment did not pack', async () => {
    await expect(readThumbnails([{ id: 'c', part: 'train', label: 'cat' }])).rejects.toThrow(
      'Expected c in artifacts/augment/train.npy, received no such image. Run `npm run repro`.',
    )
  })
})
