import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { decodePixels } from '../../../src/images/decode.ts'
import { inspectFile } from '../../../src/predict/browser/image-file.ts'
import { cropCentre, orient } from '../../../src/predict/browser/orient.ts'
import { planOf, type Square } from '../../../src/predict/browser/plan.ts'
import { type Rows, resample } from '../../../src/predict/browser/resample.ts'
import { drawImage } from '../../support/images.ts'

/** The browser's own part, decoding, is done by sharp here; all that follows is ours. */
async function ours(file: Buffer, square: Square): Promise<Uint8Array> {
  const { format, orientation, bytes } = inspectFile(file)
  const decoded = sharp(bytes).flatten({ background: '#ffffff' }).toColourspace('srgb').ensureAlpha().raw()
  const { data, info } = await decoded.toBuffer({ resolveWithObject: true })
  const { width, height } = info
  const rows: Rows = {
    width,
    height,
    read: (from, count) => data.subarray(from * width * 4, (from + count) * width * 4),
  }
  return cropCentre(orient(resample(rows, planOf(rows, format, square)), orientation), square.size).pixels
}

/** How far our pixels are from those that training and predict see, of 255. */
async function distance(file: Buffer, square: Square): Promise<{ greatest: number; mean: number }> {
  const [expected, received] = [await decodePixels(file, square), await ours(file, square)]
  expect(received).toHaveLength(expected.length)
  let [greatest, sum] = [0, 0]
  expected.forEach((value, i) => {
    const each = Math.abs(value - (received[i] ?? Number.NaN))
    greatest = Math.max(greatest, each)
    sum += each
  })
  return { greatest, mean: sum / expected.length }
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

describe('the pixels that the demo makes of an image', () => {
  it.each(FITS)('are those of training but for rounding, for a PNG of any shrinkage (%s)', async (fit) => {
    for (const [width, height] of [
      [301, 233],
      [97, 480],
      [1203, 811],
    ] as const) {
      const file = await (await noisy(width, height)).png().toBuffer()
      for (const size of SIZES.filter((each) => each <= Math.min(width, height))) {
        const { greatest, mean } = await distance(file, { size, fit })
        expect(greatest, `${width} to ${size}`).toBeLessThanOrEqual(2)
        expect(mean, `${width} to ${size}`).toBeLessThan(0.4)
      }
    }
  })

  it.each(FITS)('are the same for a JPEG that is shrunk by 2, 4 or 8 while it is decoded (%s)', async (fit) => {
    for (const [width, height] of [
      [701, 533],
      [1999, 1203],
    ] as const) {
      const image = await noisy(width, height)
      for (const file of [await image.jpeg({ quality: 90 }).toBuffer(), await image.grayscale().jpeg().toBuffer()]) {
        for (const size of SIZES) {
          const { greatest, mean } = await distance(file, { size, fit })
          expect(greatest, `${width} to ${size}`).toBeLessThanOrEqual(8)
          expect(mean, `${width} to ${size}`).toBeLessThan(0.8)
        }
      }
    }
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('are turned by EXIF orientation %i', async (orientation) => {
    const image = await noisy(311, 207)
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const file = await image.withMetadata({ orientation }).toFormat(format, { quality: 95 }).toBuffer()
      expect((await sharp(file).metadata()).orientation).toBe(orientation)
      expect(inspectFile(file).orientation).toBe(orientation)
      expect((await distance(file, { size: 64, fit: 'cover' })).mean).toBeLessThan(2)
    }
  })

  it('are the same for an image with transparency, one in 16 bit, and one that has to grow', async () => {
    const image = await noisy(120, 90)
    const alpha = await image.clone().ensureAlpha(0.5).png().toBuffer()
    expect((await distance(alpha, { size: 40, fit: 'cover' })).greatest).toBeLessThanOrEqual(2)
    const deep = await image.clone().toColourspace('rgb16').png().toBuffer()
    expect((await distance(deep, { size: 40, fit: 'cover' })).greatest).toBeLessThanOrEqual(2)
    expect((await distance(await image.png().toBuffer(), { size: 224, fit: 'cover' })).mean).toBeLessThan(0.5)
  })
})

describe('planOf', () => {
  it('shrinks a JPEG on load as sharp does', () => {
    const of = (width: number, height: number) => planOf({ width, height }, 'jpeg', { size: 100, fit: 'cover' }).onLoad
    // sharp's pipeline.cc: 8, 4 or 2 where the shrinkage is as much, and half of that where its whole part is the same.
    expect([of(199, 199), of(250, 250), of(399, 800), of(450, 450), of(550, 900), of(850, 850), of(901, 2000)]).toEqual(
      [1, 1, 2, 2, 4, 4, 8],
    )
  })

  it('drops what is left over at the end of a shrunk JPEG, and rounds what comes of it', () => {
    const plan = planOf({ width: 800, height: 533 }, 'jpeg', { size: 100, fit: 'cover' })
    // 5.33 -> on load 4: 200 x 133, then by 1.33: 150.4 x 100
    expect(plan).toEqual({
      onLoad: 4,
      scaled: { width: 800, height: 533 },
      loaded: { width: 200, height: 133 },
      shrink: { width: 1.33, height: 1.33 },
      resized: { width: 150, height: 100 },
    })
  })
})
