import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { decodePixels } from '../../../src/images/decode.ts'
import { readHeader } from '../../../src/predict/browser/header.ts'
import { type Square, toSquare } from '../../../src/predict/browser/resize.ts'
import { drawImage } from '../../support/images.ts'

/**
 * Expects of every square the pixels that training and predict see, but for so much: the largest difference, of 255, and the
 * mean. The browser decodes and turns, which sharp does here; all that follows is ours.
 */
async function expectNear(
  file: Buffer,
  squares: readonly Square[],
  bound: { largest: number; mean: number },
): Promise<void> {
  const decoded = sharp(file).autoOrient().flatten({ background: '#ffffff' }).toColourspace('srgb').ensureAlpha().raw()
  const { data, info } = await decoded.toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const read = (from: number, count: number) => data.subarray(from * width * 4, (from + count) * width * 4)
  const header = await readHeader(new Blob([Uint8Array.from(file)]))
  for (const square of squares) {
    const expected = await decodePixels(file, square)
    const { pixels } = toSquare({ width, height, channels: 4, read }, square, header)
    expect(pixels).toHaveLength(expected.length)
    let [largest, sum] = [0, 0]
    for (const [place, value] of expected.entries()) {
      const difference = Math.abs(value - (pixels[place] ?? Number.NaN))
      if (!(difference <= largest)) largest = difference
      sum += difference
    }
    const what = `${width} x ${height} to ${square.size}, ${square.fit}`
    expect(largest, what).toBeLessThanOrEqual(bound.largest)
    expect(sum / expected.length, what).toBeLessThan(bound.mean)
  }
}

/** By their size. */
const noise = new Map<string, Promise<Buffer>>()

/** A drawn image under noise, so that a filter of another width shows. */
async function noisy(width: number, height: number): Promise<sharp.Sharp> {
  const key = `${width} x ${height}`
  const pixels = noise.get(key) ?? noisyPixels(width, height)
  noise.set(key, pixels)
  return sharp(await pixels, { raw: { width, height, channels: 3 } })
}

async function noisyPixels(width: number, height: number): Promise<Buffer> {
  const pixels = await sharp(await drawImage({ number: 3, width, height }))
    .raw()
    .toBuffer()
  let state = 1
  for (const [place, value] of pixels.entries()) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    pixels[place] = Math.min(255, Math.max(0, value + ((state >>> 16) % 81) - 40))
  }
  return pixels
}

const SIZES = [40, 96, 224]
const FITS = ['cover', 'fill'] as const
const squaresOf = (sizes: readonly number[]) => sizes.flatMap((size) => FITS.map((fit) => ({ size, fit })))

/** The two columns that a square image of these columns becomes. */
function halved(columns: readonly number[]): (number | undefined)[] {
  const side = columns.length
  const row = columns.flatMap((value) => [value, value, value, 255])
  const rows = {
    width: side,
    height: side,
    channels: 4,
    read: () => Uint8Array.from(Array(side).fill(row).flat()),
  } as const
  const { pixels } = toSquare(rows, { size: 2, fit: 'fill' }, { format: 'other', orientation: 1 })
  return [pixels[0], pixels[3]]
}

describe('toSquare', () => {
  it('weighs pixels by a triangle as wide as a pixel of the result, by hand', () => {
    // Four columns become two: the first lies at 0.5, so the weights are 0.75, 0.75, 0.25 of 2, and 0.25 for the column before
    // the first, which repeats it in libvips.
    // (4 * 0 + 3 * 70 + 210) / 8 = 52.5 and, from the other end, (4 * 70 + 3 * 210 + 70) / 8 = 122.5
    expect(halved([0, 70, 210, 70])).toEqual([53, 123])
    // Three columns become two: the first lies at 0.75 and reaches 1.5 columns, so the weights of those at 0.5, 1.5 and 2.5 are
    // 5/6, 3/6 and 0 of 8/6.
    // (5 * 0 + 3 * 80) / 8 = 30 and, from the other end, (5 * 240 + 3 * 80) / 8 = 180
    expect(halved([0, 80, 240])).toEqual([30, 180])
  })

  it.each([
    [301, 233],
    [97, 480],
    [1203, 811],
  ])('gives the pixels of training but for rounding, for a PNG of %i x %i, of any shrinkage', async (width, height) => {
    const sizes = SIZES.filter((each) => each <= Math.min(width, height))
    const file = await (await noisy(width, height)).png().toBuffer()
    await expectNear(file, squaresOf(sizes), { largest: 2, mean: 0.4 })
  })

  it.each([
    [701, 533],
    [1999, 1203],
  ])('gives them for a JPEG of %i x %i, which is shrunk by 2, 4 or 8 while it is decoded', async (width, height) => {
    const image = await noisy(width, height)
    for (const file of [await image.jpeg({ quality: 90 }).toBuffer(), await image.grayscale().jpeg().toBuffer()]) {
      await expectNear(file, squaresOf(SIZES), { largest: 8, mean: 0.8 })
    }
  })

  it.each([2, 3, 4, 5, 6, 7, 8])('gives them for a JPEG of EXIF orientation %i', async (orientation) => {
    for (const image of [await noisy(701, 533), await noisy(417, 623)]) {
      const file = await image.withMetadata({ orientation }).jpeg({ quality: 90 }).toBuffer()
      await expectNear(file, squaresOf([96]), { largest: 8, mean: 0.8 })
    }
  })

  it.each([
    [{ lossless: true }, { largest: 8, mean: 0.8 }],
    [{ quality: 90 }, { largest: 20, mean: 1.3 }], // of half the colour, which decoders spread each in its own way
  ])(
    'gives them for a WebP, which is shrunk to the size asked for while it is decoded (%j)',
    async (options, bound) => {
      const file = await (await noisy(601, 451)).webp(options).toBuffer()
      await expectNear(file, squaresOf([96]), bound)
    },
  )

  it('gives them for an image with transparency, one in 16 bit, and one that has to grow', async () => {
    const image = await noisy(120, 90)
    const alpha = await image.clone().ensureAlpha(0.5).png().toBuffer()
    const deep = await image.clone().toColourspace('rgb16').png().toBuffer()
    for (const file of [alpha, deep]) {
      await expectNear(file, [{ size: 40, fit: 'cover' }], { largest: 2, mean: 0.5 })
      await expectNear(file, [{ size: 224, fit: 'cover' }], { largest: 255, mean: 0.5 })
    }
  })
})
