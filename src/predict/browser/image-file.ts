import { crc32 } from '../../core/crc32.ts'
import type { Format } from './plan.ts'

/** What the bytes of an image say of it, read here so that every browser turns it the same way. */
export interface ImageFile {
  readonly format: Format
  /** Of EXIF, 1 where there is none. */
  readonly orientation: number
  /** The same file with the orientation 1, for the browser to decode. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A file that is no image, not a whole one, or one that the browser would show otherwise than training saw it. */
export class ImageError extends Error {
  override name = 'ImageError'
}

/**
 * Looks at the bytes of a file.
 *
 * @throws ImageError when it is empty, cut off, or a JPEG in CMYK, whose colours browsers turn into other ones.
 */
export function inspectFile(file: Uint8Array): ImageFile {
  const bytes = Uint8Array.from(file)
  if (bytes.length === 0) throw refused('an empty file')
  const [format, place] = locate(bytes)
  if (place === undefined) return { format, orientation: 1, bytes }
  const orientation = readWord(bytes, place)
  writeWord(bytes, place, 1)
  if (place.chunk !== undefined) writeChecksum(bytes, place.chunk)
  return { format, orientation: orientation >= 1 && orientation <= 8 ? orientation : 1, bytes }
}

/** "Expected …, received …. What to do." */
export function refused(received: string): ImageError {
  return new ImageError(
    `Expected an image (JPEG, PNG, WebP, GIF or AVIF), received ${received}. Choose another one, or save it anew as JPEG or PNG.`,
  )
}

/** Where the value of the orientation stands, and in which order of bytes. */
interface WordPlace {
  readonly offset: number
  readonly littleEndian: boolean
  /** Start of the PNG chunk that it stands in, which ends with a checksum. */
  readonly chunk?: number
}

function locate(bytes: Uint8Array): [Format, (WordPlace | undefined)?] {
  if (startsWith(bytes, 0, '\xff\xd8')) return ['jpeg', inJpeg(bytes)]
  if (startsWith(bytes, 0, '\x89PNG')) return ['other', inPng(bytes)]
  if (startsWith(bytes, 0, 'RIFF') && startsWith(bytes, 8, 'WEBP')) return ['webp', inWebp(bytes)]
  return ['other']
}

const CMYK_COMPONENTS = 4

/** Walks the segments up to the first scan. */
function inJpeg(bytes: Uint8Array): WordPlace | undefined {
  const view = viewOf(bytes)
  let found: WordPlace | undefined
  let at = 2
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0
    if (marker === 0xff) {
      at++
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame && bytes[at + 9] === CMYK_COMPONENTS) throw refused('a JPEG in CMYK')
    if (marker === 0xe1 && startsWith(bytes, at + 4, 'Exif\0\0')) found ??= inExif(bytes, at + 10)
    at += 2 + view.getUint16(at + 2)
    if (marker === 0xda) break
  }
  // Within a scan 0xff stands before 0 or a restart alone, so that the end of the image is found from behind.
  if (lastEnd(bytes) < at) throw refused('a damaged or truncated file')
  return found
}

function lastEnd(bytes: Uint8Array): number {
  let place = bytes.length
  do place = bytes.lastIndexOf(0xd9, place - 1)
  while (place > 0 && bytes[place - 1] !== 0xff)
  return place
}

function inPng(bytes: Uint8Array): WordPlace | undefined {
  const view = viewOf(bytes)
  let found: WordPlace | undefined
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (startsWith(bytes, at + 4, 'eXIf')) {
      const place = inExif(bytes, at + 8)
      found = place && { ...place, chunk: at }
    }
    if (startsWith(bytes, at + 4, 'IEND')) return found
  }
  throw refused('a damaged or truncated file')
}

function inWebp(bytes: Uint8Array): WordPlace | undefined {
  const view = viewOf(bytes)
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true)
    if (startsWith(bytes, at, 'EXIF')) {
      const start = startsWith(bytes, at + 8, 'Exif\0\0') ? at + 14 : at + 8
      return inExif(bytes, start)
    }
    at += 8 + size + (size % 2)
  }
  return undefined
}

const ORIENTATION = 0x0112
const SHORT = 3

/** The orientation in the first directory of a TIFF header. */
function inExif(bytes: Uint8Array, start: number): WordPlace | undefined {
  const littleEndian = startsWith(bytes, start, 'II')
  if (!littleEndian && !startsWith(bytes, start, 'MM')) return undefined
  const view = viewOf(bytes)
  const word = (at: number) => (at + 2 <= bytes.length ? view.getUint16(at, littleEndian) : 0)
  if (start + 8 > bytes.length) return undefined
  const directory = start + view.getUint32(start + 4, littleEndian)
  const count = word(directory)
  for (let entry = 0; entry < count; entry++) {
    const at = directory + 2 + 12 * entry
    if (at + 12 > bytes.length) return undefined
    if (word(at) === ORIENTATION && word(at + 2) === SHORT) return { offset: at + 8, littleEndian }
  }
  return undefined
}

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  return [...text].every((letter, i) => bytes[at + i] === letter.charCodeAt(0))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function readWord(bytes: Uint8Array, { offset, littleEndian }: WordPlace): number {
  return viewOf(bytes).getUint16(offset, littleEndian)
}

function writeWord(bytes: Uint8Array, { offset, littleEndian }: WordPlace, value: number): void {
  viewOf(bytes).setUint16(offset, value, littleEndian)
}

function writeChecksum(bytes: Uint8Array, chunk: number): void {
  const view = viewOf(bytes)
  const end = chunk + 8 + view.getUint32(chunk)
  view.setUint32(end, crc32(bytes.subarray(chunk + 4, end)))
}
