import { zlibSync } from 'fflate'
import { crc32 } from '../../core/crc32.ts'

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const FILTER_UP = 2
const EIGHT_BIT_RGB = [8, 2, 0, 0, 0]

/**
 * A PNG of square RGB pixels `[S, S, 3]` uint8.
 *
 * The same bytes for the same pixels wherever it runs: zlib's own output changes with its version and the processor, so the
 * deflate is fflate's, in plain JavaScript. Source: https://www.w3.org/TR/png-3/
 */
export function encodePng(pixels: Uint8Array, size: number): Uint8Array {
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, size)
  view.setUint32(4, size)
  header.set(EIGHT_BIT_RGB, 8)
  const parts = [
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', zlibSync(filteredRows(pixels, size), { level: 3 })),
    chunk('IEND', new Uint8Array(0)),
  ]
  return Buffer.concat(parts)
}

/** Every row as its difference from the row above, behind the number of that filter. */
function filteredRows(pixels: Uint8Array, size: number): Uint8Array {
  const width = size * 3
  const rows = new Uint8Array(size * (width + 1))
  for (let y = 0; y < size; y++) {
    rows[y * (width + 1)] = FILTER_UP
    for (let x = 0; x < width; x++) {
      const above = y > 0 ? (pixels[(y - 1) * width + x] as number) : 0
      rows[y * (width + 1) + 1 + x] = (pixels[y * width + x] as number) - above
    }
  }
  return rows
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(content.length + 12)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, content.length)
  bytes.set(Buffer.from(type, 'latin1'), 4)
  bytes.set(content, 8)
  view.setUint32(content.length + 8, crc32(bytes.subarray(4, content.length + 8)))
  return bytes
}
