import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { decodePixels, inspectImage } from '../../src/images/decode.ts'
import { ImageError } from '../../src/images/open.ts'
import { blackPng, drawImage } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

type Rgb = readonly [number, number, number]

const RED: Rgb = [255, 0, 0]
const GREEN: Rgb = [0, 255, 0]
const BLUE: Rgb = [0, 0, 255]
const WHITE: Rgb = [255, 255, 255]
const SQUARE = { size: 64, fit: 'cover' } as const
const ORANGE: Rgb = [200, 100, 50]

describe('decodePixels', () => {
  const folder = temporaryFolder()

  it.each([
    // What stands top left, top right, bottom left, bottom right after turning, by hand from the EXIF standard (tag 0x0112).
    { orientation: 1, quarters: [RED, GREEN, BLUE, WHITE] },
    { orientation: 2, quarters: [GREEN, RED, WHITE, BLUE] },
    { orientation: 3, quarters: [WHITE, BLUE, GREEN, RED] },
    { orientation: 4, quarters: [BLUE, WHITE, RED, GREEN] },
    { orientation: 5, quarters: [RED, BLUE, GREEN, WHITE] },
    { orientation: 6, quarters: [BLUE, RED, WHITE, GREEN] },
    { orientation: 7, quarters: [WHITE, GREEN, BLUE, RED] },
    { orientation: 8, quarters: [GREEN, WHITE, RED, BLUE] },
  ])('turns an image of EXIF orientation $orientation upright', async ({ orientation, quarters }) => {
    const bytes = await quartered().withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer()
    const pixels = await decodePixels(bytes, { size: 16, fit: 'fill' })
    const seen = [pixelAt(pixels, 4, 4), pixelAt(pixels, 12, 4), pixelAt(pixels, 4, 12), pixelAt(pixels, 12, 12)]
    seen.forEach((colour, place) => {
      expectNear(colour, quarters[place] as Rgb, 8)
    })
  })

  it.each(['png', 'jpeg', 'webp', 'gif', 'avif', 'tiff'] as const)('reads %s', async (format) => {
    const bytes = await plain(ORANGE).toFormat(format).toBuffer()
    expectNear(pixelAt(await decodePixels(bytes, { size: 8, fit: 'cover' }), 4, 4), ORANGE, 4)
  })

  it('reads grey as three equal channels', async () => {
    for (const format of ['png', 'jpeg'] as const) {
      const bytes = await plain([90, 90, 90]).toColourspace('b-w').toFormat(format).toBuffer()
      expect((await sharp(bytes).metadata()).channels).toBe(1)
      expect(pixelAt(await decodePixels(bytes, { size: 8, fit: 'cover' }), 4, 4)).toEqual([90, 90, 90])
    }
  })

  it('reads CMYK in its colours', async () => {
    const bytes = await plain(ORANGE).toColourspace('cmyk').jpeg().toBuffer()
    expect((await sharp(bytes).metadata()).space).toBe('cmyk')
    expectNear(pixelAt(await decodePixels(bytes, { size: 8, fit: 'cover' }), 4, 4), ORANGE, 20)
  })

  it('lays transparency on white', async () => {
    // 128/255 of the colour and 127/255 of white: 200 -> 227.4, 100 -> 177.2, 50 -> 152.1
    const bytes = await plain(ORANGE)
      .ensureAlpha(128 / 255)
      .png()
      .toBuffer()
    expectNear(pixelAt(await decodePixels(bytes, { size: 8, fit: 'cover' }), 4, 4), [227, 177, 152], 1)
  })

  it('brings 16 bit down to 8', async () => {
    // 100 of 255 is 100 * 257 of 65535
    const values = new Uint16Array(8 * 8 * 3).fill(100 * 257)
    const bytes = await sharp(values, { raw: { width: 8, height: 8, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer()
    expect((await sharp(bytes).metadata()).depth).toBe('ushort')
    expect(pixelAt(await decodePixels(bytes, { size: 8, fit: 'cover' }), 4, 4)).toEqual([100, 100, 100])
  })

  it.each(['gif', 'webp'] as const)('takes the first frame of an animated %s', async (format) => {
    const bytes = await animation(format)
    expect((await sharp(bytes).metadata()).pages).toBe(2)
    expectNear(pixelAt(await decodePixels(bytes, { size: 8, fit: 'cover' }), 4, 4), RED, 4)
    expect(await inspectImage(bytes, SQUARE)).toMatchObject({ width: 60, height: 40 })
  })

  it('crops the centre with cover and squashes with fill', async () => {
    // 60 x 40: cover keeps the columns 10 to 50, so that a stripe of 10 at the left edge goes; fill keeps it, 4 of 24 wide.
    const stripe = { create: { width: 10, height: 40, channels: 3, background: toCss(BLUE) } } as const
    const bytes = await plain(ORANGE)
      .composite([{ input: stripe, left: 0, top: 0 }])
      .png()
      .toBuffer()
    expectNear(pixelAt(await decodePixels(bytes, { size: 24, fit: 'cover' }), 1, 12), ORANGE, 12)
    expectNear(pixelAt(await decodePixels(bytes, { size: 24, fit: 'fill' }), 1, 12), BLUE, 12)
  })

  it('enlarges an image of one pixel', async () => {
    const bytes = await plain(ORANGE).resize(1, 1).png().toBuffer()
    expect(await decodePixels(bytes, { size: 2, fit: 'cover' })).toEqual(
      Uint8Array.from([...ORANGE, ...ORANGE, ...ORANGE, ...ORANGE]),
    )
  })

  it('reads a file whose name looks like options of libvips', async () => {
    const path = join(folder.path, 'a[page=1].gif')
    await writeFile(path, await animation('gif'))
    expectNear(pixelAt(await decodePixels(path, { size: 8, fit: 'cover' }), 4, 4), RED, 4)
  })

  it('gives the same pixels for a path and for its bytes', async () => {
    const path = join(folder.path, 'a.jpg')
    const bytes = await drawImage({ format: 'jpeg', width: 300, height: 200 })
    await writeFile(path, bytes)
    const wish = { size: 32, fit: 'cover' } as const
    expect(await decodePixels(path, wish)).toEqual(await decodePixels(bytes, wish))
  })

  it('refuses an image that is cut off', async () => {
    const bytes = await drawImage({ format: 'jpeg', width: 300, height: 200 })
    await expect(decodePixels(bytes.subarray(0, bytes.length / 2), { size: 8, fit: 'cover' })).rejects.toThrow(
      ImageError,
    )
  })
})

describe('inspectImage', () => {
  it.each([
    ['cover', 300, 200, 'jpeg'],
    ['cover', 201, 333, 'jpeg'],
    ['fill', 333, 200, 'jpeg'],
    ['cover', 90, 64, 'png'],
    ['cover', 40, 30, 'png'],
  ] as const)('gives the square that decodePixels gives: %s, %i x %i, %s', async (fit, width, height, format) => {
    const bytes = await drawImage({ number: 3, format, width, height })
    const { square, frame } = await inspectImage(bytes, { size: 64, fit })
    expect(Buffer.from(square)).toEqual(Buffer.from(await decodePixels(bytes, { size: 64, fit })))
    expect(Math.min(frame.width, frame.height)).toBe(64)
  })

  it('crops the middle, and half a pixel right and down of it where that cannot be, as libvips does', async () => {
    for (const [width, height] of [
      [97, 64],
      [64, 81],
      [98, 64],
    ] as const) {
      const bytes = await drawImage({ number: 3, width, height })
      const cropped = await sharp(bytes).resize(64, 64, { fit: 'cover', kernel: 'linear' }).raw().toBuffer()
      expect(Buffer.from(await decodePixels(bytes, SQUARE))).toEqual(cropped)
    }
  })

  it('gives the square and a frame of images that are very long, very small, or wanted small', async () => {
    const long = await drawImage({ width: 3000, height: 20 })
    const { square, ...inspected } = await inspectImage(long, SQUARE)
    expect(inspected).toMatchObject({ width: 3000, frame: { width: 64, height: 64 } })
    expect(square).toEqual(await decodePixels(long, SQUARE))
    const cut = await drawImage({ format: 'jpeg', width: 3000, height: 20 })
    expect(await reasonFor(cut.subarray(0, cut.length * 0.8))).toBe('a damaged or truncated file')
    const small = await inspectImage(await drawImage({ width: 3, height: 2 }), { size: 16, fit: 'cover' })
    expect(small).toMatchObject({ width: 3, height: 2, frame: { width: 96, height: 64 } })
    expect(small.square).toHaveLength(16 * 16 * 3)
  })

  it('gives width and height after EXIF orientation', async () => {
    expect(await inspectImage(await quartered().jpeg().toBuffer(), SQUARE)).toMatchObject({ width: 60, height: 40 })
    const turned = await quartered().withMetadata({ orientation: 6 }).jpeg().toBuffer()
    expect(await inspectImage(turned, SQUARE)).toMatchObject({ width: 40, height: 60 })
  })

  it.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)('finds a %s that is cut off', async (format) => {
    const bytes = await drawImage({ format, width: 300, height: 200 })
    for (const share of [0.1, 0.5, 0.9]) {
      expect(await reasonFor(bytes.subarray(0, bytes.length * share))).toBe('a damaged or truncated file')
    }
  })

  it('says that an empty file is empty', async () => {
    expect(await reasonFor(new Uint8Array())).toBe('an empty file')
  })

  it.each([
    ['text', 'Not an image.\n'],
    ['an error page', '<!doctype html><title>404</title>'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>'],
    ['PPM', 'P3 1 1 255 9 9 9'],
  ])('refuses %s', async (_name, content) => {
    expect(await reasonFor(Buffer.from(content))).toBe('a file of another format')
  })

  it('names the format of a file that is no image', async () => {
    const pdf = '%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF'
    expect(await reasonFor(Buffer.from(pdf))).toBe('a file of another format (pdf)')
  })

  it('finds a tiff that is cut off, whose table of contents stands at its end', async () => {
    const bytes = await drawImage({ format: 'tiff', width: 300, height: 200 })
    expect(await reasonFor(bytes.subarray(0, bytes.length * 0.9))).toBe('a file of another format')
  })

  it('refuses a decompression bomb by its header', async () => {
    const bytes = blackPng(30_000, 30_000)
    expect(await reasonFor(bytes)).toBe('more than 200000000 pixels')
    expect(await reasonFor(bytes.subarray(0, 1000))).toBe('more than 200000000 pixels')
    await expect(decodePixels(bytes, { size: 8, fit: 'cover' })).rejects.toThrow('more than 200000000 pixels')
  })

  it('fails with a DataError that says what to do', async () => {
    const failure = inspectImage(new Uint8Array(), SQUARE)
    await expect(failure).rejects.toThrow(DataError)
    await expect(failure).rejects.toThrow(
      'Expected an image (JPEG, PNG, WebP, GIF, AVIF or TIFF), received an empty file. Replace or remove it.',
    )
  })
})

/** 60 x 40 pixels of one colour. */
function plain(colour: Rgb) {
  return sharp({ create: { width: 60, height: 40, channels: 3, background: toCss(colour) } })
}

/** 60 x 40 pixels: red and green above blue and white. */
function quartered() {
  const quarter = (colour: Rgb, left: number, top: number) => ({
    input: { create: { width: 30, height: 20, channels: 3 as const, background: toCss(colour) } },
    left,
    top,
  })
  return plain(WHITE).composite([quarter(RED, 0, 0), quarter(GREEN, 30, 0), quarter(BLUE, 0, 20)])
}

async function animation(format: 'gif' | 'webp'): Promise<Buffer> {
  const frames = await Promise.all([RED, BLUE].map((colour) => plain(colour).png().toBuffer()))
  return sharp(frames, { join: { animated: true } })
    .toFormat(format)
    .toBuffer()
}

async function reasonFor(bytes: Uint8Array): Promise<string> {
  return inspectImage(bytes, SQUARE).then(
    ({ width, height }) => `accepted, ${width} x ${height}`,
    (error: unknown) => (error instanceof ImageError ? error.reason : `another error: ${error}`),
  )
}

function pixelAt(pixels: Uint8Array, x: number, y: number): number[] {
  const size = Math.sqrt(pixels.length / 3)
  const start = (y * size + x) * 3
  return [...pixels.subarray(start, start + 3)]
}

function expectNear(colour: readonly number[], expected: Rgb, tolerance: number): void {
  colour.forEach((value, channel) => {
    expect(Math.abs(value - (expected[channel] as number)), `${colour} against ${expected}`).toBeLessThanOrEqual(
      tolerance,
    )
  })
}

function toCss([red, green, blue]: Rgb): string {
  return `rgb(${red}, ${green}, ${blue})`
}
