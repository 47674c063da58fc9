import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { Sharp } from 'sharp'
import type { ImageParams } from '../config/shapes.ts'
import { messageOf } from '../core/errors.ts'
import { findUnsupported, findUnsupportedTiff, type Size } from './formats.ts'
import { CHANNELS, decodeWhole, type FailOn, ImageError, MAX_PIXELS, type OpenedImage, openImage } from './open.ts'
import { type Frame, resize } from './resize.ts'

/** How many images to decode at once: one for each core, and one whose file is being read. */
export const DECODES_AT_ONCE = availableParallelism() + 1

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
 * An image whose sides are both this many times the square is shrunk by libvips while it decodes: it skips frequencies of a
 * JPEG, and never holds the whole image. Smaller ones are decoded to the last pixel and resized here.
 */
const SHRUNK_WHILE_DECODED = 2

/**
 * Decodes a whole image, so that a truncated one is found.
 *
 * @throws ImageError with the reason
 */
export async function inspectImage(bytes: Uint8Array, { size, fit }: SquareParams): Promise<Inspected> {
  return decoding(bytes, async ({ image, stored }) => {
    const isLong = isLongImage(stored)
    const frameOf = { size: Math.max(size, MIN_FRAME), fit: isLong ? 'fill' : fit } as const
    if (isShrunkWhileDecoded(stored, size) || isLong) {
      const { width, height } = (await image.metadata()).autoOrient
      const hasSquare = size >= MIN_FRAME && !(isLong && fit === 'cover')
      const square = hasSquare ? undefined : await shrinkToSquare(image.clone(), stored, { size, fit })
      const frame = await shrinkToFrame(image, frameOf)
      return { width, height, frame, square: square ?? centreOf(frame, size) }
    }
    const whole = await toPixels(decodeWhole(image))
    const frame = await resizeToFrame(whole, frameOf)
    const square = size >= MIN_FRAME ? frame : await resizeToFrame(whole, { size, fit })
    return { width: whole.width, height: whole.height, frame, square: centreOf(square, size) }
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
  return decoding(bytes, async ({ image, stored }) => {
    if (isShrunkWhileDecoded(stored, size) || isLongImage(stored)) return shrinkToSquare(image, stored, { size, fit })
    const whole = await toPixels(decodeWhole(image))
    return centreOf(await resizeToFrame(whole, { size, fit }), size)
  })
}

function isShrunkWhileDecoded({ width, height }: Size, size: number): boolean {
  return Math.min(width, height) >= SHRUNK_WHILE_DECODED * size
}

function isLongImage({ width, height }: Size): boolean {
  return Math.max(width, height) > MAX_ASPECT * Math.min(width, height)
}

/** The whole image: with `cover` the shorter side is `size`, with `fill` both are. */
async function resizeToFrame(whole: Frame, { size, fit }: SquareParams): Promise<Frame> {
  if (fit === 'fill') return resize(whole, { width: size, height: size })
  const scale = Math.min(whole.width, whole.height) / size
  return resize(whole, { width: Math.round(whole.width / scale), height: Math.round(whole.height / scale) }, scale)
}

async function shrinkToSquare(image: Sharp, stored: Size, { size, fit }: SquareParams): Promise<Uint8Array> {
  if (isLongImage(stored) && fit === 'cover') return (await shrink(image, size, 'cover')).pixels
  return centreOf(await shrinkToFrame(image, { size, fit }), size)
}

async function shrinkToFrame(image: Sharp, { size, fit }: SquareParams): Promise<Frame> {
  return shrink(image, size, fit === 'cover' ? 'outside' : 'fill')
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

/** Changes the image: a clone would copy the whole file, which takes longer than decoding a tiny one. */
async function shrink(image: Sharp, size: number, fit: 'cover' | 'outside' | 'fill'): Promise<Frame> {
  return toPixels(
    decodeWhole(image.resize(size, size, { fit, position: 'centre', kernel: 'linear', fastShrinkOnLoad: true })),
  )
}

async function toPixels(decoded: ReturnType<typeof decodeWhole>): Promise<Frame> {
  const { data, info } = await decoded
  const { width, height, channels } = info
  if (channels === CHANNELS && data.length === width * height * CHANNELS) return { pixels: data, width, height }
  throw new ImageError(`${width} x ${height} pixels of ${channels} channels after decoding`)
}

/**
 * Opens an image and works on it. An image that libvips only remarks on is decoded all the same, unless pixels are lost.
 *
 * @throws ImageError with the reason
 */
async function decoding<T>(bytes: Uint8Array, work: (opened: OpenedImage) => Promise<T>): Promise<T> {
  if (bytes.length === 0) throw new ImageError('an empty file')
  const attempt = async (failOn: FailOn) => work(await openImage(bytes, failOn))
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
