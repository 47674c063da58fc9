import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { decodePixels } from '../../../src/images/decode.ts'
import { readHeader } from '../../../src/predict/browser/header.ts'
import { type Square, toSquare } from '../../../src/predict/browser/resize.ts'
import { drawImage } from '../../support/images.ts'

/** The browser decodes and turns, which sharp does here; all that follows is ours. */
async function ours(file: Buffer, square: Square): Promise<Uint8Array> {
  const decoded = sharp(file).autoOrient().flatten({ background: '#ffffff' }).toColourspace('srgb').ensureAlpha().raw()
  const { data, info } = await decoded.toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const read = (from: number, count: number) => data.subarray(from * width * 4, (from + count) * width * 4)
  return toSquare({ width, height, channels: 4, read }, square, await readHeader(new Blob([Uint8Array.from(file)])))
    .pixels
}

/** Difference from the pixels that training and predict see, of 255. */
async function distance(file: Buffer, square: Square): Promise<{ largest: number; mean: number }> {
  const [expected, received] = [await decodePixels(file, square), await ours(file, square)]
  expect(received).toHaveLength(expected.length)
  const differences = Array.from(expected, (value, i) => Math.abs(value - (received[i] ?? Number.NaN)))
  return {
    largest: differences.reduce((most, each) => Math.max(most, each), 0),
    mean: differences.reduce((sum, each) => sum + each, 0) / differences.length,
  }
}

/** A drawn image under noise, so that a filter of another width shows. */
async function noisy(width: number, height: number): Promise<sharp.Sharp> {
  const drawn = await sharp(await drawImage({ number: 3, width, height }))
    .raw()
    .toBuffer()
  let state = 1
  const pixels = drawn.map((value) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return Math.min(255, Math.max(0, value + ((state >>> 16) % 81) - 40))
  })
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

const SIZES = [40, 96, 224]
const FITS = ['cover', 'fill'] as const

describe('toSquare', () => {
  it('weighs pixels by a triangle as wide as a pixel of the result, by hand', () => {
    // Four columns become two: the first lies at 0.5, so the weights are 0.75, 0.75, 0.25 of 2, and 0.25 for the column before
    // the first, which repeats it in libvips.
    const values = [0, 70, 210, 70]
    const read = () =>
      Uint8Array.from(
        Array(4)
          .fill(values.flatMap((value) => [value, value, value, 255]))
          .flat(),
      )
    const { pixels } = toSquare(
      { width: 4, height: 4, channels: 4, read },
      { size: 2, fit: 'fill' },
      { format: 'other', orientation: 1 },
    )
    // (4 * 0 + 3 * 70 + 210) / 8 = 52.5 and, from the other end, (4 * 70 + 3 * 210 + 70) / 8 = 122.5
    expect([pixels[0], pixels[3]]).toEqual([53, 123])
  })

  it.each(FITS)('gives the pixels of training but for rounding, for a PNG of any shrinkage (%s)', async (fit) => {
    for (const [width, height] of [
      [301, 233],
      [97, 480],
      [1203, 811],
    ] as const) {
      const file = await (await noisy(width, height)).png().toBuffer()
      for (const size of SIZES.filter((each) => each <= Math.min(width, height))) {
        const { largest, mean } = await distance(file, { size, fit })
        expect(largest, `${width} to ${size}`).toBeLessThanOrEqual(2)
        expect(mean, `${width} to ${size}`).toBeLessThan(0.4)
      }
    }
  })

  it.each(FITS)('gives them for a JPEG that is shrunk by 2, 4 or 8 while it is decoded (%s)', async (fit) => {
    for (const [width, height] of [
      [701, 533],
      [1999, 1203],
    ] as const) {
      const image = await noisy(width, height)
      for (const file of [await image.jpeg({ quality: 90 }).toBuffer(), await image.grayscale().jpeg().toBuffer()]) {
        for (const size of SIZES) {
          const { largest, mean } = await distance(file, { size, fit })
          expect(largest, `${width} to ${size}`).toBeLessThanOrEqual(8)
          expect(mean, `${width} to ${size}`).toBeLessThan(0.8)
        }
      }
    }
  })

  it.each([2, 3, 4, 5, 6, 7, 8])('gives them for a JPEG of EXIF orientation %i', async (orientation) => {
    for (const [width, height] of [
      [701, 533],
      [417, 623],
    ] as const) {
      const file = await (await noisy(width, height)).withMetadata({ orientation }).jpeg({ quality: 90 }).toBuffer()
      for (const fit of FITS) {
        const { largest, mean } = await distance(file, { size: 96, fit })
        expect(largest, `${width}, ${fit}`).toBeLessThanOrEqual(8)
        expect(mean, `${width}, ${fit}`).toBeLessThan(0.8)
      }
    }
  })

  it.each(FITS)(
    'gives them for a WebP, which is shrunk to the size asked for while it is decoded (%s)',
    async (fit) => {
      const image = await noisy(601, 451)
      for (const options of [{ lossless: true }, { quality: 90 }]) {
        const { largest, mean } = await distance(await image.webp(options).toBuffer(), { size: 96, fit })
        expect(largest, JSON.stringify(options)).toBeLessThanOrEqual(8)
        expect(mean, JSON.stringify(options)).toBeLessThan(0.8)
      }
    },
  )

  it('gives them for an image with transparency, one in 16 bit, and one that has to grow', async () => {
    const image = await noisy(120, 90)
    const alpha = await image.clone().ensureAlpha(0.5).png().toBuffer()
    const deep = await image.clone().toColourspace('rgb16').png().toBuffer()
    for (const file of [alpha, deep]) {
      expect((await distance(file, { size: 40, fit: 'cover' })).largest).toBeLessThanOrEqual(2)
      expect((await distance(file, { size: 224, fit: 'cover' })).mean).toBeLessThan(0.5)
    }
  })
})
