import type { Header } from './resize.ts'

/** A JPEG's EXIF data is in one of its first segments, of at most 64 KiB each. */
const HEAD_BYTES = 2 ** 18

/** The format of an image file and, for a JPEG, its EXIF orientation; for other formats 1, where it makes next to no difference. */
export async function readHeader(file: Blob): Promise<Header> {
  const head = new DataView(await file.slice(0, HEAD_BYTES).arrayBuffer())
  if (hasText(head, 0, '\xff\xd8')) return { format: 'jpeg', orientation: orientationOf(head) }
  const isWebp = hasText(head, 0, 'RIFF') && hasText(head, 8, 'WEBP')
  return { format: isWebp ? 'webp' : 'other', orientation: 1 }
}

/** Walks the segments of a JPEG up to its EXIF data; 1 where it has none. */
function orientationOf(jpeg: DataView): number {
  try {
    for (let at = 2; jpeg.getUint8(at) === 0xff; at += 2 + jpeg.getUint16(at + 2)) {
      if (hasText(jpeg, at, '\xff\xe1') && hasText(jpeg, at + 4, 'Exif\0\0')) return orientationTag(jpeg, at + 10)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error // the file ends, or its EXIF data points, outside of these bytes
  }
  return 1
}

/** The tag 0x0112 of the first directory of a TIFF header. */
function orientationTag(bytes: DataView, start: number): number {
  const littleEndian = hasText(bytes, start, 'II')
  const directory = start + bytes.getUint32(start + 4, littleEndian)
  const count = bytes.getUint16(directory, littleEndian)
  for (let entry = directory + 2; entry < directory + 2 + 12 * count; entry += 12) {
    if (bytes.getUint16(entry, littleEndian) === 0x0112) return bytes.getUint16(entry + 8, littleEndian)
  }
  return 1
}

function hasText(bytes: DataView, at: number, text: string): boolean {
  return (
    at + text.length <= bytes.byteLength &&
    [...text].every((letter, i) => bytes.getUint8(at + i) === letter.charCodeAt(0))
  )
}
