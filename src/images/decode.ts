import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import sharp, { type Sharp } from 'sharp'
import type { ImageParams } from '../config/shapes.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { findUnsupported, findUnsupportedTiff, firstFrameOfGif, hasUnspecifiedChannel, type Region } from './formats.ts'

/** A file with more pixels is a decompression bomb; the largest cameras give 200 million. */
export const MAX_PIXELS = 200_000_000

/** How many images to decode at once: one for each core, and one whose file is being read. */
export const DECODES_AT_ONCE = availableParallelism() + 1

const FORMATS = 'JPEG, PNG, WebP, GIF, AVIF or TIFF'
const CHANNELS = 3

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

interface Size {
  readonly width: number
  readonly height: number
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
  return decoding(bytes, async (image, { width, height }) => {
    const isLong = isLongImage({ width, height })
    const frame = await toFrame(image, { size: Math.max(size, MIN_FRAME), fit: isLong ? 'fill' : fit })
    const hasSquare = size >= MIN_FRAME && !(isLong && fit === 'cover')
    return {
      width,
      height,
      frame,
      square: hasSquare ? centreOf(frame, size) : await squareOf(image, { width, height }, { size, fit }),
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
  return decoding(bytes, (image, whole) => squareOf(image, whole, { size, fit }))
}

async function squareOf(image: Sharp, whole: Size, { size, fit }: SquareParams): Promise<Uint8Array> {
  if (isLongImage(whole) && fit === 'cover') return (await toPixels(toSize(image, size, 'cover'))).pixels
  return centreOf(await toFrame(image, { size, fit }), size)
}

function isLongImage({ width, height }: Size): boolean {
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

/** `warning` refuses everything that libvips remarks on, `error` what it cannot read to the end. */
type FailOn = 'warning' | 'error'

/** Opens an image upright and without transparency: the primary one of several, or the first frame of an animation. */
async function open(bytes: Uint8Array, failOn: FailOn): Promise<{ image: Sharp; whole: Size }> {
  const options = { failOn, limitInputPixels: MAX_PIXELS, animated: false }
  const first = sharp(bytes, options)
  const { format, pagePrimary = 0, depth, channels, autoOrient } = await first.metadata()
  if (depth === 'ushort') await refuseTwelveBits(bytes)
  if (format === 'heif' && pagePrimary > 0) {
    const image = sharp(bytes, { ...options, page: pagePrimary })
    return { image: flatten(image), whole: (await image.metadata()).autoOrient }
  }
  const image = flatten(first)
  if (format === 'tiff') {
    const unsupported = findUnsupportedTiff(bytes, { depth: String(depth), channels })
    if (unsupported) throw new ImageError(unsupported.reason, unsupported)
    if (channels === 4 && hasUnspecifiedChannel(bytes))
      return { image: await firstThreeChannels(first), whole: autoOrient }
  }
  const frame = format === 'gif' && channels === CHANNELS ? firstFrameOfGif(bytes) : undefined
  return { image: frame ? await onWhite(image, frame) : image, whole: autoOrient }
}

function flatten(image: Sharp): Sharp {
  return image.clone().autoOrient().flatten({ background: '#ffffff' })
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

function decodeWhole(image: Sharp) {
  return image.toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
}

function fromRaw(pixels: Uint8Array, { width, height }: Size): Sharp {
  return sharp(pixels, { raw: { width, height, channels: CHANNELS } })
}

function toSize(image: Sharp, size: number, fit: 'cover' | 'outside' | 'fill'): Sharp {
  return image
    .clone()
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

/**
 * Opens an image and works on it. An image that libvips only remarks on is decoded all the same, unless pixels are lost.
 *
 * @throws ImageError with the reason
 */
async function decoding<T>(bytes: Uint8Array, work: (image: Sharp, whole: Size) => Promise<T>): Promise<T> {
  if (bytes.length === 0) throw new ImageError('an empty file')
  const attempt = async (failOn: FailOn) => {
    const { image, whole } = await open(bytes, failOn)
    return work(image, whole)
  }
  try {
    return await besideOthers(() => attempt('warning'))
  } catch (error) {
    if (error instanceof ImageError) throw error
  }
  return alone(async () => {
    try {
      return await attempt('warning')
    } catch (error) {
      if (LOST_PIXELS.test(messageOf(error))) throw await explain(bytes, error)
    }
    try {
      return await attempt('error')
    } catch (error) {
      throw await explain(bytes, error)
    }
  })
}

/** Remarks of libjpeg on data that it fills with grey, or shifts. Source: libjpeg-turbo, jerror.h */
const LOST_PIXELS = /premature end|bad huffman|bad arithmetic|found marker .* instead/i

async function explain(bytes: Uint8Array, cause: unknown): Promise<ImageError> {
  if (cause instanceof ImageError) return cause
  const message = messageOf(cause)
  if (message.includes('exceeds pixel limit')) return new ImageError(`more than ${MAX_PIXELS} pixels`, { cause })
  const unsupported = (await findUnsupported(bytes)) ?? findUnsupportedTiff(bytes)
  if (unsupported) return new ImageError(unsupported.reason, { cause, ...unsupported })
  const isUnknown = message.includes('unsupported image format')
  return new ImageError(isUnknown ? 'a file of another format' : 'a damaged or truncated file', { cause })
}

/*
 * libvips has one buffer of messages for all threads, so which file a message is about is known only when nothing else is
 * decoded at the same time.
 */
const running = new Set<Promise<unknown>>()
let turn: Promise<unknown> = Promise.resolve()

async function besideOthers<T>(work: () => Promise<T>): Promise<T> {
  for (let seen: unknown; seen !== turn; ) {
    seen = turn
    await turn
  }
  const result = work()
  running.add(result)
  try {
    return await result
  } finally {
    running.delete(result)
  }
}

async function alone<T>(work: () => Promise<T>): Promise<T> {
  const before = turn
  const result = before.then(() => Promise.allSettled(running)).then(work)
  turn = result.catch(() => {})
  return result
}
