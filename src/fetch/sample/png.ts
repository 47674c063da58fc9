import { crc32 } from 'node:zlib'
import { zlibSync } from 'fflate'

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const FILTER_UP = 2 // every row is stored as its difference from the row above

/**
 * A PNG of square RGB pixels `[S, S, 3]` uint8.
 *
 * The same bytes on every machine: zlib's output depends on its version and the processor, so fflate deflates, in plain
 * JavaScript. Source: https://www.w3.org/TR/png-3/
 */
export function encodePng(pixels: Uint8Array, size: number): Uint8Array {
  const width = size * 3
  const rows = new Uint8Array(size * (width + 1)).fill(FILTER_UP)
  pixels.forEach((value, at) => {
    rows[at + Math.floor(at / width) + 1] = value - (pixels[at - width] ?? 0)
  })
  const header = Uint8Array.of(...uint32(size), ...uint32(size), 8, 2, 0, 0, 0) // 8 bits a channel, RGB
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', zlibSync(rows, { level: 3 })),
    chunk('IEND', new Uint8Array()),
  ])
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content])
  return Buffer.concat([uint32(content.length), body, uint32(crc32(body))])
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}
