/** Formats that are not decoded, by the extension that file-type has for them. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  heic: 'HEIC',
  bmp: 'BMP',
  ico: 'ICO',
  jxl: 'JPEG XL',
  jp2: 'JPEG 2000',
  jxr: 'JPEG XR',
  psd: 'PSD',
  dng: 'DNG',
  cr2: 'CR2',
  cr3: 'CR3',
  nef: 'NEF',
  arw: 'ARW',
  orf: 'ORF',
  raf: 'RAF',
  rw2: 'RW2',
}

const SUPPORTED = new Set(['jpg', 'png', 'apng', 'webp', 'gif', 'avif', 'tif'])

/** A file that is decoded no further. */
export interface Unsupported {
  /** What it is, as a noun phrase: `HEIC`, `a TIFF of 32-bit samples`. */
  readonly reason: string
  readonly remedy?: string
}

/** What a file is that libvips cannot read; undefined where it is damaged, or nothing that file-type knows. */
export async function findUnsupported(bytes: Uint8Array): Promise<Unsupported | undefined> {
  const { fileTypeFromBuffer } = await import('file-type') // loaded for such files only
  const ext = (await fileTypeFromBuffer(bytes))?.ext
  if (ext === undefined) return undefined
  const name = Object.hasOwn(UNSUPPORTED, ext) ? UNSUPPORTED[ext] : undefined
  if (name !== undefined) return convert(name, ext)
  if (ext === 'avif' && hasDeepSamples(bytes)) return convert('AVIF of more than 8 bits', ext)
  return SUPPORTED.has(ext) ? undefined : { reason: `a file of another format (${ext})` }
}

function convert(reason: string, ext: string): Unsupported {
  return { reason, remedy: `Convert it to JPEG, e.g. \`magick in.${ext} out.jpg\`.` }
}

/** Whether an AVIF has 10 or 12 bits: the flag `high_bitdepth` of its `av1C` box. Source: AV1 in ISOBMFF, section 2.3.3 */
function hasDeepSamples(bytes: Uint8Array): boolean {
  const box = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf('av1C')
  return box >= 0 && ((bytes[box + 6] ?? 0) & 0x40) !== 0
}

/** Tags of TIFF 6.0, section 8 and appendix A, and of its extensions. */
const COMPRESSION = 259
const PHOTOMETRIC = 262
const EXTRA_SAMPLES = 338
const COMPRESSIONS = new Map([
  [6, 'old-style JPEG'],
  [34887, 'LERC'],
  [50000, 'Zstandard'],
  [50001, 'WebP'],
])
const JPEG_COMPRESSION = 7
const YCBCR = 6
const LAB = new Set([8, 9, 10])

/** What libvips says about a TIFF. */
interface TiffSamples {
  readonly depth: string
  readonly channels: number
}

/** Why the colours of a TIFF cannot be had, although libvips may decode it; undefined where they can. */
export function findUnsupportedTiff(bytes: Uint8Array, samples?: TiffSamples): Unsupported | undefined {
  const tags = readTiffTags(bytes)
  const [compression = 1, photometric] = [tags.get(COMPRESSION), tags.get(PHOTOMETRIC)]
  const compressed = COMPRESSIONS.get(compression)
  if (compressed !== undefined) return convert(`a TIFF with ${compressed} compression`, 'tif')
  if (photometric === YCBCR && compression !== JPEG_COMPRESSION) return convert('an uncompressed TIFF in YCbCr', 'tif')
  if (photometric !== undefined && LAB.has(photometric)) return convert('a TIFF in Lab', 'tif')
  if (samples === undefined) return undefined
  if (samples.depth !== 'uchar' && samples.depth !== 'ushort') {
    return convert(`a TIFF of samples that are not 8 or 16 bits (${samples.depth})`, 'tif')
  }
  return samples.channels > 4 ? convert(`a TIFF of ${samples.channels} channels`, 'tif') : undefined
}

/** Whether the fourth channel of a TIFF means nothing in particular, rather than transparency. */
export function hasUnspecifiedChannel(bytes: Uint8Array): boolean {
  return readTiffTags(bytes).get(EXTRA_SAMPLES) === 0
}

/** The first value of each tag of a TIFF's first directory whose values are numbers of 16 or 32 bits. */
function readTiffTags(bytes: Uint8Array): Map<number, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const littleEndian = bytes[0] === 0x49
  const tags = new Map<number, number>()
  try {
    if (view.getUint16(2, littleEndian) !== 42) return tags // BigTIFF, or none
    const directory = view.getUint32(4, littleEndian)
    const end = directory + 2 + 12 * view.getUint16(directory, littleEndian)
    for (let entry = directory + 2; entry < end; entry += 12) {
      const isShort = view.getUint16(entry + 2, littleEndian) === 3
      const [type, count] = [isShort ? 2 : 4, view.getUint32(entry + 4, littleEndian)]
      const place = type * count <= 4 ? entry + 8 : view.getUint32(entry + 8, littleEndian)
      const value = isShort ? view.getUint16(place, littleEndian) : view.getUint32(place, littleEndian)
      tags.set(view.getUint16(entry, littleEndian), value)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error // the directory lies outside of the file
  }
  return tags
}

/** In pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/**
 * The size of a JPEG or PNG of at most 8 bits a sample, which needs no care of its own; undefined for all other files.
 *
 * Source: ITU-T T.81, annex B; PNG (Third Edition), section 11.2.1
 */
export function sizeOfPlain(bytes: Uint8Array): Size | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    if (view.getUint32(0) === 0x89504e47) {
      return view.getUint8(24) <= 8 ? { width: view.getUint32(16), height: view.getUint32(20) } : undefined
    }
    if (view.getUint16(0) !== 0xffd8) return undefined
    for (let at = 2; view.getUint8(at) === 0xff; ) {
      const marker = view.getUint8(at + 1)
      if (FRAMES.has(marker)) {
        return view.getUint8(at + 4) === 8
          ? { width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
          : undefined
      }
      at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2)
    }
    return undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined // truncated: libvips reports it
    throw error
  }
}

/** Markers of the segment that has a JPEG's size: baseline, extended and progressive. */
const FRAMES = new Set([0xc0, 0xc1, 0xc2])

/** A rectangle, in pixels. */
export interface Region extends Size {
  readonly left: number
  readonly top: number
}

/**
 * Where the first frame of a GIF lies on its canvas; undefined where it covers it, or there is none.
 *
 * Source: GIF89a specification, sections 18 to 20
 */
export function firstFrameOfGif(bytes: Uint8Array): Region | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const [width, height] = [view.getUint16(6, true), view.getUint16(8, true)]
    let at = 13 + colourTableSize(view.getUint8(10))
    while (view.getUint8(at) === 0x21) at = afterSubBlocks(view, at + 2)
    if (view.getUint8(at) !== 0x2c) return undefined
    const [left = 0, top = 0, w = 0, h = 0] = [1, 3, 5, 7].map((offset) => view.getUint16(at + offset, true))
    const covers = left === 0 && top === 0 && w >= width && h >= height
    return covers ? undefined : { left, top, width: Math.min(w, width - left), height: Math.min(h, height - top) }
  } catch (error) {
    if (error instanceof RangeError) return undefined // truncated: libvips reports it
    throw error
  }
}

function colourTableSize(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0
}

function afterSubBlocks(view: DataView, start: number): number {
  let at = start
  while (view.getUint8(at) !== 0) at += 1 + view.getUint8(at)
  return at + 1
}
