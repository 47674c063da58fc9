import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import sharp, { type FormatEnum } from 'sharp'

/** A small image: shaded, with a disc whose place and colour follow from `number`, so that two numbers are two images. */
export interface Drawing {
  readonly number?: number
  readonly width?: number
  readonly height?: number
  readonly format?: keyof FormatEnum
}

/** A drawn image, encoded. */
export async function drawImage({
  number = 0,
  width = 48,
  height = 32,
  format = 'png',
}: Drawing = {}): Promise<Buffer> {
  const pixels = drawPixels(number, width, height)
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .toFormat(format)
    .toBuffer()
}

/** Draws an image at each path below the folder, each with a number of its own; the extension gives the format. */
export async function writeImages(folder: string, paths: readonly string[], drawing: Drawing = {}): Promise<void> {
  for (const [number, path] of paths.entries()) {
    const format = path.endsWith('.png') ? 'png' : 'jpeg'
    await writeTo(join(folder, path), await drawImage({ number, format, ...drawing }))
  }
}

/** Writes a file, and the folders on the way to it. */
export async function writeTo(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}

/** A black PNG of that size, true to the format, a thousandth of its pixels in bytes: for decompression bombs. */
export function blackPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1 // one bit a pixel, grey
  const rows = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))), { level: 1 })
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  return Buffer.concat([signature, pngChunk('IHDR', header), pngChunk('IDAT', rows), pngChunk('IEND', Buffer.alloc(0))])
}

export function pngChunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const content = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(content))
  return Buffer.concat([length, content, check])
}

function drawPixels(number: number, width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height * 3)
  const centreX = (((number * 7) % 11) / 11) * width
  const centreY = (((number * 5) % 13) / 13) * height
  const radius = Math.min(width, height) / 4
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = (x - centreX) ** 2 + (y - centreY) ** 2 < radius ** 2
      const colour = inside
        ? [(number * 37) % 256, (number * 91 + 60) % 256, 40]
        : [(255 * x) / width, (255 * y) / height, 128]
      pixels.set(colour, (y * width + x) * 3)
    }
  }
  return pixels
}
