import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { CELL, encodeContactSheet, imagesPerClass, MAX_CLASSES, shrinkToCell } from '../../src/images/contact-sheet.ts'
import { reencodeAsWebp } from '../../src/images/encode.ts'

const RED = [200, 10, 10] as const
const GREEN = [10, 200, 10] as const
const BLUE = [10, 10, 200] as const

describe('encodeContactSheet', () => {
  it('puts the versions of an image side by side and the classes below one another', async () => {
    const bands = [[[cell(RED), cell(GREEN)]], [[cell(BLUE), cell(RED)]]]
    const { data, info } = await sharp(await encodeContactSheet(bands))
      .raw()
      .toBuffer({ resolveWithObject: true })
    // edge 18, cell 96, gap 3, cell 96, edge 18; and edge 18, cell 96, gap 30, cell 96, edge 18
    expect([info.width, info.height, info.channels]).toEqual([231, 258, 3])
    const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)]
    expect(at(20, 20)).toEqual([...RED])
    expect(at(18 + 96 + 3 + 2, 20)).toEqual([...GREEN])
    expect(at(20, 18 + 96 + 30 + 2)).toEqual([...BLUE])
    expect(at(18 + 96 + 1, 20)).toEqual([246, 246, 246])
  })

  it('begins a new row after twelve cells', async () => {
    const band = Array.from({ length: 7 }, () => [cell(RED), cell(GREEN)])
    const { width, height } = await sharp(await encodeContactSheet([band])).metadata()
    // six images of two cells: 18 + 6 * (96 + 3 + 96) + 5 * 12 + 18; two rows: 18 + 96 + 12 + 96 + 18
    expect([width, height]).toEqual([1266, 240])
  })
})

describe('reencodeAsWebp', () => {
  it('keeps a contact sheet of the most classes as it is', async () => {
    const band = Array.from({ length: 13 }, () => [cell(RED)]) // two rows
    const { height } = await reencodeAsWebp(await encodeContactSheet(Array.from({ length: MAX_CLASSES }, () => band)))
    expect(height).toBe(18 + MAX_CLASSES * (96 + 12 + 96) + (MAX_CLASSES - 1) * 30 + 18)
  })

  it('shrinks what is larger than WebP allows', async () => {
    const create = { width: 100, height: 32_766, channels: 3 as const, background: '#777' }
    const { width, height } = await reencodeAsWebp(await sharp({ create }).png().toBuffer())
    expect([width, height]).toEqual([50, 16_383])
  })
})

describe('imagesPerClass', () => {
  it('gives two rows of twelve cells, and an image a row where that is too narrow', () => {
    expect([1, 2, 3, 5, 12].map(imagesPerClass)).toEqual([24, 12, 8, 4, 2])
  })
})

describe('shrinkToCell', () => {
  it.each([32, 224])('gives a cell from an image of %d px', async (size) => {
    const shrunk = await shrinkToCell(
      Uint8Array.from({ length: size * size * 3 }, (_, place) => RED[place % 3] ?? 0),
      size,
    )
    expect(shrunk.equals(cell(RED))).toBe(true)
  })
})

function cell(colour: readonly number[]): Buffer {
  return Buffer.from(Array.from({ length: CELL * CELL }, () => colour).flat())
}
