import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { inspectFile } from '../../../src/predict/browser/image-file.ts'
import { drawImage } from '../../support/images.ts'

const drawn = await drawImage({ number: 1 })

describe('inspectFile', () => {
  it.each(['jpeg', 'png', 'webp'] as const)(
    'gives a %s that no browser turns, and changes nothing else of it',
    async (format) => {
      const turned = await sharp(drawn).withMetadata({ orientation: 6 }).toFormat(format).toBuffer()
      const { orientation, bytes } = inspectFile(turned)
      expect(orientation).toBe(6)
      expect(bytes).toHaveLength(turned.length)
      const again = sharp(bytes, { failOn: 'warning' })
      expect((await again.metadata()).orientation ?? 1).toBe(1)
      expect(await again.raw().toBuffer()).toEqual(await sharp(turned, { autoOrient: false }).raw().toBuffer())
    },
  )

  it('says 1 of a file without EXIF, and leaves it as it is', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'gif'] as const) {
      const file = await drawImage({ format })
      expect(inspectFile(file)).toMatchObject({ orientation: 1, bytes: Uint8Array.from(file) })
    }
  })

  it('refuses what is empty, cut off, or in CMYK', async () => {
    const jpeg = await drawImage({ format: 'jpeg', width: 200, height: 200 })
    const cmyk = await sharp(drawn).toColourspace('cmyk').jpeg().toBuffer()
    expect(() => inspectFile(Buffer.alloc(0))).toThrow(
      'Expected an image (JPEG, PNG, WebP, GIF or AVIF), received an empty file. Choose another one, or save it anew as JPEG or PNG.',
    )
    expect(() => inspectFile(jpeg.subarray(0, jpeg.length / 2))).toThrow('received a damaged or truncated file.')
    expect(() => inspectFile(drawn.subarray(0, drawn.length - 20))).toThrow('received a damaged or truncated file.')
    expect(() => inspectFile(cmyk)).toThrow('received a JPEG in CMYK.')
  })

  it('takes any bytes without a mistake of its own', () => {
    const heads = [
      '\xff\xd8\xff\xe1\x00\x20Exif\0\0II*\0\xff\xff\xff\xff',
      '\x89PNG\r\n\x1a\n\0\0\0\x40eXIfMM',
      'RIFF\0\0\0\0WEBPEXIF\xff\xff\xff\x7f',
    ]
    for (const head of heads) {
      for (let length = 1; length <= head.length; length++) {
        const work = () => inspectFile(Buffer.from(head.slice(0, length), 'latin1'))
        try {
          expect(work().orientation).toBe(1)
        } catch (error) {
          expect((error as Error).name).toBe('ImageError')
        }
      }
    }
  })
})
