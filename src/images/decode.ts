import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import sharp, { type Sharp } from 'sharp'
import type { ImageParams } from '../config/shapes.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { sha256 } from '../core/files.ts'

/** Above this many pixels a file is a decompression bomb; the largest cameras give 200 million. */
export const MAX_PIXELS = 200_000_000

/** How many images a caller decodes at once: one a core, and one whose file is being read. */
export const DECODES_AT_ONCE = availableParallelism() + 1

const FORMATS = 'JPEG, PNG, WebP, GIF, AVIF or TIFF'
const CHANNELS = 3

sharp.cache(false)
sharp.concurrency(1) // one thread an image, since callers decode several at once
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((loader) => `VipsForeignLoad${loader}Buffer`),
})

/** A file that is not an image, or not a whole one. */
export class ImageError extends DataError {
  override name = 'ImageError'
  /** What was received, as a noun: `an empty file`. */
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super(`Expected an image (${FORMATS}), received ${reason}. Replace or remove it.`, options)
    this.reason = reason
  }
}

/** A whole image, decoded: uint8 `[H, W, 3]` in sRGB, upright. */
export interface Frame {
  readonly pixels: Uint8Array
  readonly width: number
  readonly height: number
}

/** What a look at an image gives. */
export interface Inspected {
  /** Of the file, after EXIF orientation, in pixels; height too. */
  readonly width: number
  readonly height: number
  /** The whole image at about the size that the networks see, and at least `MIN_FRAME` along each side. */
  readonly frame: Frame
  /** What `decodePixels` gives, where that follows from the frame. */
  readonly square: Uint8Array | undefined
}

type SquareParams = Pick<ImageParams, 'size' | 'fit'>

/** Smaller frames show too little of an image to know it again. */
const MIN_FRAME = 64
/** Longer images than this to 1 are cropped by libvips, since a frame would be many times the square. */
const MAX_ASPECT = 16

/**
 * Decodes an image once, whole, so that a truncated one is found.
 *
 * @throws ImageError with the reason.
 */
export async function inspectImage(bytes: Uint8Array, { size, fit }: SquareParams): Promise<Inspected> {
  return decoding(async () => {
    const image = open(bytes)
    const { width, height } = (await image.metadata()).autoOrient
    const isLong = isLongImage({ width, height })
    const frame = await toFrame(image, { size: Math.max(size, MIN_FRAME), fit: isLong ? 'fill' : fit })
    const hasSquare = size >= MIN_FRAME && !(isLong && fit === 'cover')
    return { width, height, frame, square: hasSquare ? centreOf(frame, size) : undefined }
  })
}

/**
 * The pixels of an image as the networks see it: uint8 `[S, S, 3]` in sRGB, with S = `size`.
 *
 * The first frame of an animation, turned by its EXIF orientation, transparency on white, 16 bit brought down to 8, grey
 * and CMYK as RGB. `cover` crops the centre, `fill` squashes. Shrunk by a triangle filter that is as wide as a pixel of the
 * result, as TensorFlow (bilinear, antialias), torchvision and Pillow (BILINEAR) do.
 *
 * @param source a path, or the bytes of a file
 * @throws ImageError with the reason.
 */
export async function decodePixels(source: string | Uint8Array, { size, fit }: SquareParams): Promise<Uint8Array> {
  // A path goes to sharp as bytes: libvips takes `a[page=1].gif` for a file name with options.
  const bytes = typeof source === 'string' ? await readFile(source) : source
  return decoding(async () => {
    const image = open(bytes)
    const isLong = isLongImage((await image.metadata()).autoOrient)
    if (isLong && fit === 'cover') return (await toPixels(toSize(image, size, 'cover'))).pixels
    return centreOf(await toFrame(image, { size, fit }), size)
  })
}

/** What the pixels depend on beside file and parameters: this code, and the versions of sharp and libvips. */
export async function readDecoder(): Promise<string> {
  return sha256(`${sharp.versions.sharp} ${sharp.versions.vips} ${await readFile(new URL(import.meta.url), 'utf8')}`)
}

function isLongImage({ width, height }: { width: number; height: number }): boolean {
  return Math.max(width, height) > MAX_ASPECT * Math.min(width, height)
}

/** The whole image: with `cover` the shorter side is `size`, with `fill` both are. */
async function toFrame(image: Sharp, { size, fit }: SquareParams): Promise<Frame> {
  return toPixels(toSize(image, size, fit === 'cover' ? 'outside' : 'fill'))
}

/** The square in the middle of a frame, `[size, size, 3]`; where it cannot lie in the middle, half a pixel right and down of it. */
function centreOf({ pixels, width, height }: Frame, size: number): Uint8Array {
  if (width === size && height === size) return pixels
  const left = Math.floor((width - size + 1) / 2)
  const top = Math.floor((height - size + 1) / 2)
  const square = new Uint8Array(size * size * CHANNELS)
  for (let row = 0; row < size; row++) {
    const start = ((top + row) * width + left) * CHANNELS
    square.set(pixels.subarray(start, start + size * CHANNELS), row * size * CHANNELS)
  }
  return square
}

function open(bytes: Uint8Array): Sharp {
  if (bytes.length === 0) throw new ImageError('an empty file')
  return sharp(bytes, { failOn: 'warning', limitInputPixels: MAX_PIXELS, animated: false })
}

function toSize(image: Sharp, size: number, fit: 'cover' | 'outside' | 'fill'): Sharp {
  return image
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .resize(size, size, { fit, position: 'centre', kernel: 'linear', fastShrinkOnLoad: true })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
}

async function toPixels(image: Sharp): Promise<Frame> {
  const { data, info } = await image.toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  if (channels === CHANNELS && data.length === width * height * CHANNELS) return { pixels: data, width, height }
  throw new ImageError(`${width} x ${height} pixels of ${channels} channels after decoding`)
}

/** Runs libvips and puts its complaint into our words. */
async function decoding<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ImageError) throw error
    throw new ImageError(reasonOf(messageOf(error)), { cause: error })
  }
}

function reasonOf(message: string): string {
  if (message.includes('unsupported image format')) return 'a file of another format'
  if (message.includes('exceeds pixel limit')) return `more than ${MAX_PIXELS} pixels`
  return 'a damaged or truncated file' // libvips' own words are of all threads together: now these, now others
}
