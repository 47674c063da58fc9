import sharp, { type Sharp } from 'sharp'
import { DataError } from '../core/errors.ts'
import {
  findUnsupportedTiff,
  firstFrameOfGif,
  hasUnspecifiedChannel,
  type Region,
  type Size,
  sizeOfPlain,
} from './formats.ts'

/** A file with more pixels is a decompression bomb; the largest cameras give 200 million. */
export const MAX_PIXELS = 200_000_000

const FORMATS = 'JPEG, PNG, WebP, GIF, AVIF or TIFF'
export const CHANNELS = 3

sharp.cache(false)
sharp.concurrency(1) // one thread an image, since callers decode several at once
allowOnlyImages()

/** Lets libvips open images of our formats from memory and nothing else, for the whole process: no file, no SVG, no PDF. */
export function allowOnlyImages(): void {
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({
    operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map((loader) => `VipsForeignLoad${loader}Buffer`),
  })
}

/** A file that is not an image, is damaged, or has a format that is not decoded. */
export class ImageError extends DataError {
  override name = 'ImageError'
  /** What was received, as a noun phrase, and the remedy where it is a special one: `an empty file`. */
  readonly reason: string

  constructor(received: string, { remedy, ...options }: ErrorOptions & { remedy?: string } = {}) {
    super(`Expected an image (${FORMATS}), received ${received}. ${remedy ?? 'Replace or remove it.'}`, options)
    this.reason = remedy === undefined ? received : `${received}. ${remedy}`
  }
}

/** `warning` refuses everything that libvips remarks on, `error` what it cannot read to the end. */
export type FailOn = 'warning' | 'error'

/** An image as libvips will decode it. */
export interface OpenedImage {
  /** Upright, without transparency. */
  readonly image: Sharp
  /** In the file: width and height change places in an image that is turned by a quarter. */
  readonly stored: Size
}

/**
 * Opens an image: the primary one of several, or the first frame of an animation.
 *
 * @throws ImageError for samples and layouts of channels whose colours libvips gets wrong
 */
export async function openImage(bytes: Uint8Array, failOn: FailOn): Promise<OpenedImage> {
  const options = { failOn, limitInputPixels: MAX_PIXELS, animated: false }
  const first = sharp(bytes, options)
  const plain = sizeOfPlain(bytes)
  if (plain) {
    // libvips would open the file once more to tell its size; and flattening takes its time where nothing is transparent
    const isJpeg = bytes[0] === 0xff
    return { image: isJpeg ? first.autoOrient() : flatten(first), stored: plain }
  }
  const { format, pagePrimary = 0, depth, channels, width, height } = await first.metadata()
  const stored = { width, height }
  if (depth === 'ushort') await refuseTwelveBits(bytes)
  if (format === 'heif' && pagePrimary > 0) {
    const primary = sharp(bytes, { ...options, page: pagePrimary })
    return { image: flatten(primary), stored: await primary.metadata() }
  }
  const image = flatten(format === 'tiff' ? first.clone() : first) // a clone costs as much as decoding a tiny image
  if (format === 'tiff') {
    const unsupported = findUnsupportedTiff(bytes, { depth: String(depth), channels })
    if (unsupported) throw new ImageError(unsupported.reason, unsupported)
    if (channels === 4 && hasUnspecifiedChannel(bytes)) return { image: await firstThreeChannels(first), stored }
  }
  const frame = format === 'gif' && channels === CHANNELS ? firstFrameOfGif(bytes) : undefined
  return { image: frame ? await onWhite(image, frame) : image, stored }
}

function flatten(image: Sharp): Sharp {
  return image.autoOrient().flatten({ background: '#ffffff' })
}

/** @throws ImageError where the samples have 16 bits and use 12 of them at most: decoded, they are nearly black */
async function refuseTwelveBits(bytes: Uint8Array): Promise<void> {
  const { channels } = await sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'none' }).stats()
  const largest = Math.max(...channels.map(({ max }) => max))
  if (largest === 0 || largest >= 2 ** 12) return
  throw new ImageError(`16-bit samples that are all below ${largest + 1}`, {
    remedy: 'Scale them to the whole range, e.g. `magick in.tif -auto-level out.png`.',
  })
}

/** The image without its fourth channel. A resize before that would weight the others by it. */
async function firstThreeChannels(image: Sharp): Promise<Sharp> {
  const { data, info } = await decodeWhole(image.autoOrient())
  return fromRaw(
    data.filter((_, place) => place % info.channels < CHANNELS),
    info,
  )
}

/** An image that is white outside of a region. */
async function onWhite(image: Sharp, { left, top, width, height }: Region): Promise<Sharp> {
  const { data, info } = await decodeWhole(image)
  const canvas = new Uint8Array(data.length).fill(255)
  for (let row = top; row < top + height; row++) {
    const start = (row * info.width + left) * CHANNELS
    canvas.set(data.subarray(start, start + width * CHANNELS), start)
  }
  return fromRaw(canvas, info)
}

/** All pixels of an image, uint8 `[H, W, 3]` but for the fourth channel of one that was not flattened. */
export function decodeWhole(image: Sharp) {
  return image.toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
}

function fromRaw(pixels: Uint8Array, { width, height }: Size): Sharp {
  return sharp(pixels, { raw: { width, height, channels: CHANNELS } })
}
