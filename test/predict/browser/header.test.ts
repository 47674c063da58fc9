import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { isCutOff, readHeader, withoutGamma } from '../../../src/predict/browser/header.ts'

const image = sharp({ create: { width: 8, height: 6, channels: 3, background: '#346' } })

function headerOf(bytes: Uint8Array) {
  return readHeader(new Blob([Uint8Array.from(bytes)]))
}

describe('readHeader', () => {
  it('gives the format of an image', async () => {
    expect(await headerOf(await image.jpeg().toBuffer())).toEqual({ format: 'jpeg', orientation: 1 })
    expect(await headerOf(await image.webp().toBuffer())).toEqual({ format: 'webp', orientation: 1 })
    expect(await headerOf(await image.png().toBuffer())).toEqual({ format: 'other', orientation: 1 })
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('gives the EXIF orientation %i of a JPEG', async (orientation) => {
    expect(await headerOf(await image.withMetadata({ orientation }).jpeg().toBuffer())).toMatchObject({ orientation })
  })

  it('reads EXIF data with the high byte first, as some cameras write it', async () => {
    const tiff = [...Buffer.from('MM\0*'), 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]
    const exif = [...Buffer.from('Exif\0\0'), ...tiff]
    const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xe1, 0, exif.length + 2, ...exif, 0xff, 0xd9])
    expect(await headerOf(jpeg)).toEqual({ format: 'jpeg', orientation: 6 })
  })

  it('gives orientation 1 for a JPEG that ends within its EXIF data', async () => {
    const jpeg = await image.withMetadata({ orientation: 6 }).jpeg().toBuffer()
    for (let length = 2; length < 50; length++) {
      expect(await headerOf(jpeg.subarray(0, length))).toMatchObject({ format: 'jpeg' })
    }
    expect(await headerOf(jpeg.subarray(0, 30))).toEqual({ format: 'jpeg', orientation: 1 })
  })
})

describe('isCutOff', () => {
  it('finds a JPEG without its end, and no other', async () => {
    const jpeg = await image.withMetadata({ orientation: 6 }).jpeg().toBuffer()
    expect(isCutOff(jpeg)).toBe(false)
    expect(isCutOff(Buffer.concat([jpeg, Buffer.from('behind the end')]))).toBe(false)
    for (const length of [2, 4, jpeg.length - 20, jpeg.length - 1])
      expect(isCutOff(jpeg.subarray(0, length))).toBe(true)
    expect(isCutOff(await image.png().toBuffer())).toBe(false)
  })

  it('does not take the end of a thumbnail for the end of the image', async () => {
    const jpeg = await image.jpeg().toBuffer()
    const thumbnail = Buffer.concat([Buffer.from([0xff, 0xe1, 0, jpeg.length + 2]), jpeg])
    const whole = Buffer.concat([jpeg.subarray(0, 2), thumbnail, jpeg.subarray(2)])
    expect([isCutOff(whole), isCutOff(whole.subarray(0, -2))]).toEqual([false, true])
  })
})

describe('withoutGamma', () => {
  it('leaves out the gamma and the primaries of a PNG alone', async () => {
    const png = Uint8Array.from(await image.png().toBuffer())
    const chunk = (type: string) => [0, 0, 0, 4, ...Buffer.from(type), 1, 2, 3, 4, 5, 6, 7, 8]
    const parts = (...types: string[]) =>
      Uint8Array.from([...png.subarray(0, 33), ...types.flatMap(chunk), ...png.subarray(33)])
    const cleaned = Buffer.concat(withoutGamma(parts('gAMA', 'sRGB', 'cHRM', 'iCCP')))
    expect(cleaned).toEqual(Buffer.from(parts('sRGB', 'iCCP')))
  })

  it('leaves other files as they are', async () => {
    const jpeg = Uint8Array.from(await image.jpeg().toBuffer())
    expect(withoutGamma(jpeg)).toEqual([jpeg])
  })
})
