import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import sharp, { type Sharp } from 'sharp'
import type { ImageParams } from '../config/schema.ts'
import { DataError, messageOf } from '../core/errors.ts'

/** Above this many pixels a file is a decompression bomb; the largest cameras give 200 million. */
export const MAX_PIXELS = 200_000_000

/** How many pictures a caller decodes at once: one a core, and one whose file is being read. */
export const DECODES_AT_ONCE = availableParallelism() + 1

const FORMATS = 'JPEG, PNG, WebP, GIF, AVIF or TIFF'
const CHANNELS = 3

sharp.cache(false)
sharp.concurrency(1) // one thread a picture, since callers decode several at once
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((loader) => `VipsForeignLoad${loader}Buffer`),
})

/** A file that is not a picture, or not a whole one. */
export class ImageError extends DataError {
  override name = 'ImageError'
  /** What was received, as a noun: `an empty file`. */
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super(`Expected a picture (${FORMATS}), received ${reason}. Replace or remove it.`, options)
    this.reason = reason
  }
}

/**
 * Width and height of a picture after EXIF orientation, in pixels.
 *
 * The whole picture is decoded, small, so that a truncated one is found.
 *
 * @throws ImageError with the reason.
 */
export async function inspectImage(bytes: Uint8Array): Promise<{ width: number; height: number }> {
  return decoding(async () => {
    const image = open(bytes)
    const { autoOrient } = await image.metadata()
    await toSquare(image, { size: 8, fit: 'fill' }).toBuffer()
    return { width: autoOrient.width, height: autoOrient.height }
  })
}

/**
 * The pixels of a picture as the networks see it: uint8 `[S, S, 3]` in sRGB, with S = `size`.
 *
 * The first frame of an animation, turned by its EXIF orientation, transparency on white, 16 bit brought down to 8, grey
 * and CMYK as RGB. `cover` crops the centre, `fill` squashes. Shrunk by a triangle filter that is as wide as a pixel of the
 * result, as TensorFlow (bilinear, antialias), torchvision and Pillow (BILINEAR) do.
 *
 * @param source a path, or the bytes of a file
 * @throws ImageError with the reason.
 */
export async function decodePixels(
  source: string | Uint8Array,
  { size, fit }: Pick<ImageParams, 'size' | 'fit'>,
): Promise<Uint8Array> {
  // A path goes to sharp as bytes: libvips takes `a[page=1].gif` for a file name with options.
  const bytes = typeof source === 'string' ? await readFile(source) : source
  return decoding(async () => {
    const { data, info } = await toSquare(open(bytes), { size, fit }).toBuffer({ resolveWithObject: true })
    if (info.channels !== CHANNELS || data.length !== size * size * CHANNELS) {
      throw new ImageError(`${info.width} x ${info.height} pixels of ${info.channels} channels after decoding`)
    }
    return data
  })
}

function open(bytes: Uint8Array): Sharp {
  if (bytes.length === 0) throw new ImageError('an empty file')
  return sharp(bytes, { failOn: 'warning', limitInputPixels: MAX_PIXELS, animated: false })
}

function toSquare(image: Sharp, { size, fit }: Pick<ImageParams, 'size' | 'fit'>): Sharp {
  return image
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .resize(size, size, { fit, position: 'centre', kernel: 'linear', fastShrinkOnLoad: true })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
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
  return `a damaged or truncated file (${message.split('\n')[0]})`
}
