import { describe, expect, it } from 'vitest'
import type { Examples } from '../../src/batches/batches.ts'
import { inMemory, readOneBatch } from '../../src/check-data/one-batch.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const SIDE = 8
const STILL = { rotation: 0, shift: 0, shear: 0, zoom: 0, flip: false, brightness: 0, mixup: 0, cutmix: 0 }

describe('readOneBatch', () => {
  it('takes images in turn plain and in their variants, no image twice', async () => {
    const batch = await readOneBatch(images(6, 3), { seed: 1, sampling: 'shuffled', batchSize: 6 })
    // the value of a pixel is its row, which is 6 * variant + image
    const rows = Array.from({ length: 6 }, (_, place) => batch.pixels[place * SIDE * SIDE * 3] ?? 0)
    expect(rows.map((row) => Math.floor(row / 6))).toEqual([0, 1, 2, 0, 1, 2])
    expect(rows.map((row) => row % 6).sort()).toEqual([0, 1, 2, 3, 4, 5])
    expect([...batch.labels]).toEqual(rows.map((row) => row % 2))
    expect(batch.ids).toEqual(rows.map((row) => `${row}`))
  })

  it('takes as many as there are, where a batch is larger', async () => {
    expect((await readOneBatch(images(5, 1), { seed: 1, sampling: 'shuffled', batchSize: 32 })).count).toBe(5)
  })

  it('shows what online augmentation makes of them', async () => {
    const plain = await readOneBatch(images(6, 3), { seed: 1, sampling: 'shuffled', batchSize: 6 })
    const still = await readOneBatch(images(6, 3), { seed: 1, sampling: 'shuffled', batchSize: 6, augment: STILL })
    const brighter = await readOneBatch(images(6, 3), {
      seed: 1,
      sampling: 'shuffled',
      batchSize: 6,
      augment: { ...STILL, brightness: 0.9 },
    })
    expect(still.pixels).toEqual(plain.pixels)
    expect(brighter.pixels).not.toEqual(plain.pixels)
  })

  it('keeps no tensor', async () => {
    await expectTensorsKept(0, () =>
      readOneBatch(images(6, 1), { seed: 1, sampling: 'shuffled', batchSize: 6, augment: STILL }),
    )
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
