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

/** Whether a file is a JPEG that ends before its image does, which training refuses and browsers show. */
export function isCutOff(file: Uint8Array): boolean {
  return file[0] === 0xff && file[1] === 0xd8 && lastMarker(file, 0xd9) <= lastMarker(file, 0xda)
}

/** Where a marker of a JPEG is for the last time: that of a scan, 0xda, or of the end, 0xd9; -1 for never. */
function lastMarker(jpeg: Uint8Array, marker: number): number {
  let at = jpeg.lastIndexOf(marker)
  while (at > 0 && jpeg[at - 1] !== 0xff) at = jpeg.lastIndexOf(marker, at - 1)
  return at
}

const NOT_APPLIED = ['gAMA', 'cHRM']

/**
 * The parts of a file, those of a PNG without its gamma and primaries: browsers apply them, training does not.
 *
 * Source: PNG specification, section 5.3, https://www.w3.org/TR/png-3/#5Chunk-layout
 */
export function withoutGamma(file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (!hasText(view, 0, '\x89PNG')) return [file]
  const parts = [file.subarray(0, 8)]
  for (let at = 8, end = 0; at + 8 <= file.length; at = end) {
    end = at + 12 + view.getUint32(at)
    if (!NOT_APPLIED.some((type) => hasText(view, at + 4, type))) parts.push(file.subarray(at, end))
  }
  return parts
}

function hasText(bytes: DataView, at: number, text: string): boolean {
  return (
    at + text.length <= bytes.byteLength &&
    [...text].every((letter, i) => bytes.getUint8(at + i) === letter.charCodeAt(0))
  )
}
