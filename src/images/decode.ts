import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import sharp, { type Sharp } from 'sharp'
import type { ImageParams } from '../config/shapes.ts'
import { DataError, messageOf } from '../core/errors.ts'

/** A file with more pixels is a decompression bomb; the largest cameras give 200 million. */
export const MAX_PIXELS = 200_000_000

/** How many images to decode at once: one for each core, and one whose file is being read. */
export const DECODES_AT_ONCE = availableParallelism() + 1

const FORMATS = 'JPEG, PNG, WebP, GIF, AVIF or TIFF'
const CHANNELS = 3

sharp.cache(false)
sharp.concurrency(1) // one thread an image, since callers decode several at once
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((loader) => `VipsForeignLoad${loader}Buffer`),
})

/** A file that is not an image, or is damaged. */
export class ImageError extends DataError {
  override name = 'ImageError'
  /** What was received, as a noun phrase: `an empty file`. */
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

/** A decoded image. */
export interface Inspected {
  /** Of the file, after EXIF orientation, in pixels; height too. */
  readonly width: number
  readonly height: number
  /** The whole image at about the size that the networks see, at least `MIN_FRAME` on each side. */
  readonly frame: Frame
  /** The pixels that the networks see, as `decodePixels` gives them: uint8 `[S, S, 3]`. */
  readonly square: Uint8Array
}

type SquareParams = Pick<ImageParams, 'size' | 'fit'>

/** Smaller frames show too little to find duplicates. */
const MIN_FRAME = 64
/** Images of a larger aspect ratio are cropped by libvips, since a frame would be many times the square. */
const MAX_ASPECT = 16

/**
 * Decodes a whole image, so that a truncated one is found.
 *
 * @throws ImageError with the reason
 */
export async function inspectImage(bytes: Uint8Array, { size, fit }: SquareParams): Promise<Inspected> {
  return decoding(async () => {
    const image = open(bytes)
    const { width, height } = (await image.metadata()).autoOrient
    const isLong = isLongImage({ width, height })
    const frame = await toFrame(image, { size: Math.max(size, MIN_FRAME), fit: isLong ? 'fill' : fit })
    const hasSquare = size >= MIN_FRAME && !(isLong && fit === 'cover')
    return {
      width,
      height,
      frame,
      square: hasSquare ? centreOf(frame, size) : await decodePixels(bytes, { size, fit }),
    }
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
 * @throws ImageError with the reason
 */
export async function decodePixels(source: string | Uint8Array, { size, fit }: SquareParams): Promise<Uint8Array> {
  // sharp gets bytes, never a path: libvips reads `a[page=1].gif` as a file name with options.
  const bytes = typeof source === 'string' ? await readFile(source) : source
  return decoding(async () => {
    const image = open(bytes)
    const isLong = isLongImage((await image.metadata()).autoOrient)
    if (isLong && fit === 'cover') return (await toPixels(toSize(image, size, 'cover'))).pixels
    return centreOf(await toFrame(image, { size, fit }), size)
  })
}

function isLongImage({ width, height }: { width: number; height: number }): boolean {
  return Math.max(width, height) > MAX_ASPECT * Math.min(width, height)
}

/** The whole image: with `cover` the shorter side is `size`, with `fill` both are. */
async function toFrame(image: Sharp, { size, fit }: SquareParams): Promise<Frame> {
  return toPixels(toSize(image, size, fit === 'cover' ? 'outside' : 'fill'))
}

/** The square in the middle of a frame, `[size, size, 3]`; half a pixel right and down of it where the difference is odd. */
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

/** Runs libvips; its errors become ImageErrors. */
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
  return 'a damaged or truncated file' // libvips mixes the messages of all threads, so they differ from run to run
}
