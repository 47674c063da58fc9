import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/files.ts'
import { type Frame, resize } from '../../src/images/resize.ts'

interface Golden {
  readonly width: number
  readonly height: number
  readonly to: { readonly width: number; readonly height: number }
  readonly scale: number | null
  readonly sha256: string
}

const golden: Golden[] = JSON.parse(await readFile('test/fixtures/resize.json', 'utf8'))

describe('resize', () => {
  it('gives the bytes of Pillow, for images that shrink and grow, whole and a little cropped', async () => {
    for (const { width, height, to, scale, sha256: expected } of golden) {
      const { pixels, ...size } = await resize(draw(width, height), to, scale ?? undefined)
      expect(size).toEqual(to)
      expect(sha256(pixels), `${width} x ${height} to ${to.width} x ${to.height}`).toBe(expected)
    }
  })

  it('gives the same bytes whatever else is resized at the same time', async () => {
    const frame = draw(300, 200)
    const several = await Promise.all(Array.from({ length: 8 }, () => resize(frame, { width: 97, height: 61 })))
    for (const { pixels } of several) expect(pixels).toEqual(several[0]?.pixels)
  })

  it('keeps one colour to the edge where the result shows a little more than the image', async () => {
    const plain = { width: 80, height: 101, pixels: new Uint8Array(80 * 101 * 3).fill(201) }
    // 101 / 1.25 = 80.8 rows, so 81 show 101.25
    const { pixels } = await resize(plain, { width: 64, height: 81 }, 1.25)
    expect(pixels).toEqual(new Uint8Array(64 * 81 * 3).fill(201))
  })

  it('gives an image that has the size already as it is, and refuses pixels of another size', async () => {
    const frame = draw(9, 5)
    expect((await resize(frame, { width: 9, height: 5 })).pixels).toBe(frame.pixels)
    await expect(resize({ ...frame, height: 6 }, { width: 3, height: 3 })).rejects.toThrow(RangeError)
    await expect(resize(frame, { width: 0, height: 3 })).rejects.toThrow(RangeError)
  })
})

/** The image of test/fixtures/resize.py. */
function draw(width: number, height: number): Frame {
  const pixels = new Uint8Array(width * height * 3)
  for (let at = 0; at < pixels.length; at++) {
    const [channel, column, row] = [at % 3, Math.floor(at / 3) % width, Math.floor(at / 3 / width)]
    pixels[at] = row * 31 + column * 17 + channel * 71 + row * column * 5
  }
  return { pixels, width, height }
}
