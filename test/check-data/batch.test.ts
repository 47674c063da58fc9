import { describe, expect, it } from 'vitest'
import type { Examples } from '../../src/batches/batches.ts'
import { findFaults, inMemory, rangeOf, readOneBatch } from '../../src/check-data/batch.ts'
import { expectTensorsKept } from '../support/tensors.ts'

/** Four images of two pixels. */
const PIXELS = [0, 90, 180, 255, 10, 20, 30, 40, 200, 100, 0, 50, 7, 77, 177, 77, 9, 8, 99, 98, 97, 1, 2, 3]
const IDS = ['a.png', 'b.png', 'c.png', 'd.png']

describe('findFaults', () => {
  it('finds nothing in images that differ', () => {
    expect(faultsOf(PIXELS, [0, 1, 0, 1])).toEqual([])
  })

  it('names images of one colour', () => {
    expect(faultsOf([...PIXELS.slice(0, 18), 9, 200, 8, 10, 199, 9], [0, 1, 0, 1])).toEqual([
      '1 of 4 images is of one colour: check augment and the files (d.png).',
    ])
  })

  it('names identical images with different labels, not those with the same label', () => {
    const twice = [...PIXELS.slice(0, 18), ...PIXELS.slice(0, 6)]
    expect(faultsOf(twice, [0, 1, 0, 1])).toEqual([
      '2 of 4 images are identical to others with another label: nothing can tell them apart (a.png, d.png).',
    ])
    expect(faultsOf(twice, [0, 1, 0, 0])).toEqual([])
  })

  it('finds a batch of one label', () => {
    expect(faultsOf(PIXELS, [1, 1, 1, 1])).toEqual([expect.stringContaining('All 4 images have the same label')])
  })

  it('finds pixels that were scaled before they were packed', () => {
    const scaled = PIXELS.map((pixel) => Math.floor(pixel / 128))
    expect(faultsOf(scaled, [0, 1, 0, 1])).toContainEqual(
      expect.stringMatching(/^No pixel is above 1, expected 0 to 255/),
    )
  })

  it('finds pixels that the network scales twice', () => {
    const values = { min: 0, max: 1 / 255 }
    expect(faultsOf(PIXELS, [0, 1, 0, 1], { layer: 'rescaling', values })).toEqual([
      'After the layer rescaling values only range from 0.00 to 0.00392: are pixels scaled twice?',
    ])
    expect(faultsOf(PIXELS, [0, 1, 0, 1], { layer: 'rescaling', values: { min: 0, max: 1 } })).toEqual([])
  })
})

describe('rangeOf', () => {
  it('gives minimum and maximum', () => {
    expect(rangeOf([3, -1, 2])).toEqual({ min: -1, max: 3 })
  })
})

function faultsOf(
  pixels: readonly number[],
  labels: readonly number[],
  scaled?: Parameters<typeof findFaults>[0]['scaled'],
) {
  return findFaults({ pixels: Uint8Array.from(pixels), labels, ids: IDS, scaled })
}

const SIDE = 8
const STILL = { rotation: 0, shift: 0, shear: 0, zoom: 0, flip: false, brightness: 0, mixup: 0, cutmix: 0 }

const CHOICE = { seed: 1, sampling: 'shuffled', batchSize: 6 } as const

describe('readOneBatch', () => {
  it('takes images in turn plain and in their variants, no image twice', async () => {
    const batch = await readOneBatch(images(6, 3), CHOICE)
    // the value of a pixel is its row, which is 6 * variant + image
    const rows = Array.from({ length: 6 }, (_, place) => batch.pixels[place * SIDE * SIDE * 3] ?? 0)
    expect(rows.map((row) => Math.floor(row / 6))).toEqual([0, 1, 2, 0, 1, 2])
    expect(rows.map((row) => row % 6).sort()).toEqual([0, 1, 2, 3, 4, 5])
    expect([...batch.labels]).toEqual(rows.map((row) => row % 2))
    expect(batch.ids).toEqual(rows.map((row) => `${row}`))
  })

  it('takes all images if a batch is larger', async () => {
    expect((await readOneBatch(images(5, 1), { ...CHOICE, batchSize: 32 })).count).toBe(5)
  })

  it('applies online augmentation', async () => {
    const take = (augment?: typeof STILL) => readOneBatch(images(6, 3), { ...CHOICE, augment })
    const [plain, still, brighter] = [await take(), await take(STILL), await take({ ...STILL, brightness: 0.9 })]
    expect(still.pixels).toEqual(plain.pixels)
    expect(brighter.pixels).not.toEqual(plain.pixels)
  })

  it('keeps no tensors', async () => {
    await expectTensorsKept(0, () => readOneBatch(images(6, 1), { ...CHOICE, augment: STILL }))
  })
})

/** Images of one value each, the number of their row. */
function images(count: number, variants: number): Examples {
  const rows = [...Array(count * variants).keys()]
  const values = Uint8Array.from(rows.flatMap((row) => Array<number>(SIDE * SIDE * 3).fill(row)))
  const all = inMemory(
    values,
    [SIDE, SIDE, 3],
    rows.map((row) => row % 2),
  )
  return { ...all, count, variants }
}
