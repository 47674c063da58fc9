import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { decodePixels, inspectImage } from '../../src/images/decode.ts'
import { ImageError } from '../../src/images/open.ts'
import { drawImage } from '../support/images.ts'
import { encodeTiff } from '../support/tiff.ts'

const SQUARE = { size: 64, fit: 'fill' } as const
const COLOUR = [200, 100, 50]
const GRID = '../shared/faults/files/grid-of-tiles.avif'

describe('a JPEG that libjpeg remarks on', () => {
  it.each([
    ['extraneous bytes before a table', insert(0xc4, Buffer.alloc(12, 0x55))],
    ['extraneous bytes before its end', insert(0xd9, Buffer.alloc(9, 0x55))],
    ['parameters of a scan as some phones write them', patchScan],
    ['two JFIF headers', withTwoHeaders],
  ])('is decoded with %s, and many of them at once', async (_what, spoil) => {
    const clean = await drawImage({ format: 'jpeg', width: 300, height: 200 })
    const expected = await decodePixels(clean, SQUARE)
    const spoilt = await Promise.all(Array.from({ length: 4 }, () => decodePixels(spoil(clean), SQUARE)))
    for (const pixels of spoilt) expect(pixels).toEqual(expected)
  })

  it.each([
    ['its second half is missing', (jpeg: Buffer) => jpeg.subarray(0, jpeg.length / 2)],
    ['its second half is missing, and it has an end', (jpeg: Buffer) => withEnd(jpeg.subarray(0, jpeg.length / 2))],
    ['its last two bytes are missing', (jpeg: Buffer) => jpeg.subarray(0, jpeg.length - 2)],
    ['it has a code that is in no Huffman table', allOnes],
  ])('is refused where %s, among good ones', async (_why, spoil) => {
    const clean = await drawImage({ format: 'jpeg', width: 300, height: 200 })
    const good = Array.from({ length: 3 }, () => inspectImage(insert(0xc4, Buffer.alloc(3, 0x55))(clean), SQUARE))
    expect(await refusalOf(spoil(clean))).toBe('a damaged or truncated file')
    await Promise.all(good)
  })
})

describe('a TIFF', () => {
  it('is decoded without the fourth channel that means nothing, and on white where it is transparency', async () => {
    expect(await colourOf(encodeTiff({ samples: [...COLOUR, 128], extraSamples: 0 }))).toEqual(COLOUR)
    // 128/255 of the colour and 127/255 of white
    expect(await colourOf(encodeTiff({ samples: [...COLOUR, 128], extraSamples: 2 }))).toEqual([227, 177, 152])
  })

  it('is decoded with tags out of order', async () => {
    expect(await colourOf(encodeTiff({ samples: COLOUR, isUnsorted: true }))).toEqual(COLOUR)
  })

  it('is decoded with samples of 16 bits', async () => {
    expect(await colourOf(encodeTiff({ samples: COLOUR.map((value) => value * 257), bits: 16 }))).toEqual(COLOUR)
  })

  it.each([
    [
      '12 bits in 16',
      { samples: COLOUR.map((value) => value * 16), bits: 16 },
      '16-bit samples that are all below 3201',
    ],
    [
      'floating point',
      { samples: [0.8, 0.4, 0.2], bits: 32, format: 3 },
      'a TIFF of samples that are not 8 or 16 bits (float)',
    ],
    ['32 bits', { samples: [9e8, 4e8, 2e8], bits: 32 }, 'a TIFF of samples that are not 8 or 16 bits (uint)'],
    ['YCbCr', { samples: COLOUR, photometric: 6 }, 'an uncompressed TIFF in YCbCr'],
    ['Lab', { samples: COLOUR, photometric: 8 }, 'a TIFF in Lab'],
    ['old-style JPEG', { samples: COLOUR, compression: 6 }, 'a TIFF with old-style JPEG compression'],
    ['Zstandard', { samples: COLOUR, compression: 50000 }, 'a TIFF with Zstandard compression'],
    ['five channels', { samples: [...COLOUR, 1, 2], extraSamples: 0 }, 'a TIFF of 5 channels'],
  ] as const)('is refused with the true reason: %s', async (_what, tiff, reason) => {
    const refusal = await refusalOf(encodeTiff(tiff))
    expect(refusal).toMatch(reason)
    expect(refusal).toMatch(/`magick in.tif .*out.(jpg|png)`/)
  })
})

describe('a format that is not decoded', () => {
  it.each([
    ['HEIC', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0heicmif1', 'latin1'), 'heic'],
    ['BMP', Buffer.from('BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0', 'latin1'), 'bmp'],
    ['JPEG XL', Buffer.from('\0\0\0\x0cJXL \r\n\x87\n', 'latin1'), 'jxl'],
    ['PSD', Buffer.from('8BPS\0\x01\0\0\0\0\0\0', 'latin1'), 'psd'],
  ])('is named, with the way out: %s', async (name, bytes, extension) => {
    const file = Buffer.concat([bytes, Buffer.alloc(64)])
    expect(await refusalOf(file)).toBe(`${name}. Convert it to JPEG, e.g. \`magick in.${extension} out.jpg\`.`)
    await expect(decodePixels(file, SQUARE)).rejects.toThrow(`(JPEG, PNG, WebP, GIF, AVIF or TIFF), received ${name}.`)
  })

  it('is an AVIF of ten bits', async () => {
    const bytes = Buffer.from(await drawImage({ format: 'avif', width: 64, height: 64 }))
    bytes[bytes.indexOf('av1C') + 6] = 0x40 // high_bitdepth
    bytes.fill(0xff, bytes.indexOf('mdat') + 4) // what the decoder cannot read
    expect(await refusalOf(bytes)).toMatch(/^AVIF of more than 8 bits\. /)
  })
})

describe('several images in one file', () => {
  it.skipIf(!existsSync(GRID))('give the primary one', async () => {
    expect(await inspectImage(await readFile(GRID), SQUARE)).toMatchObject({ width: 4096, height: 800 })
  })
})

describe('an animation', () => {
  it('is white around a first frame that is smaller than the canvas', async () => {
    const gif = Buffer.from(
      await sharp(await drawImage({ width: 32, height: 32 }))
        .gif()
        .toBuffer(),
    )
    expect((await sharp(gif).metadata()).channels).toBe(3)
    gif.writeUInt16LE(64, 6)
    gif.writeUInt16LE(64, 8)
    const pixels = await decodePixels(gif, SQUARE)
    const outside = pixels.filter((_, place) => (place / 3) % 64 >= 33 || place / 3 / 64 >= 33)
    expect(new Set(outside)).toEqual(new Set([255]))
    expect(pixels.subarray(0, 3)).not.toEqual(new Uint8Array([255, 255, 255]))
  })
})

/** Inserts bytes before the first marker of a kind. */
function insert(marker: number, bytes: Buffer) {
  return (jpeg: Buffer): Buffer => {
    const place = marker === 0xd9 ? jpeg.length - 2 : jpeg.indexOf(Buffer.from([0xff, marker]))
    return Buffer.concat([jpeg.subarray(0, place), bytes, jpeg.subarray(place)])
  }
}

/** Sets the end of spectral selection to 0 in the header of the scan, where a sequential JPEG has 63. */
function patchScan(jpeg: Buffer): Buffer {
  const copy = Buffer.from(jpeg)
  const scan = copy.indexOf(Buffer.from([0xff, 0xda]))
  copy[scan + 2 + copy.readUInt16BE(scan + 2) - 2] = 0
  return copy
}

function withTwoHeaders(jpeg: Buffer): Buffer {
  const header = Buffer.from('\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1')
  return Buffer.concat([jpeg.subarray(0, 2), header, header, jpeg.subarray(2)])
}

function withEnd(jpeg: Buffer): Buffer {
  return Buffer.concat([jpeg, Buffer.from([0xff, 0xd9])])
}

/** Ones for longer than any code of Huffman is, in the middle; a byte of ones is followed by a zero there. */
function allOnes(jpeg: Buffer): Buffer {
  const middle = Math.floor(jpeg.length / 2)
  return Buffer.concat([jpeg.subarray(0, middle), Buffer.from('ff00'.repeat(20), 'hex'), jpeg.subarray(middle + 40)])
}

async function colourOf(bytes: Buffer): Promise<number[]> {
  return [...(await decodePixels(bytes, SQUARE)).subarray(0, 3)]
}

async function refusalOf(bytes: Uint8Array): Promise<string> {
  return inspectImage(bytes, SQUARE).then(
    () => 'accepted',
    (error: unknown) => (error instanceof ImageError ? error.reason : `another error: ${error}`),
  )
}
