import { createRequire } from 'node:module'
import { SetupError } from '../core/errors.ts'
import type { Size } from './formats.ts'
import { CHANNELS } from './open.ts'

/** A decoded image: uint8 `[H, W, 3]` in sRGB, upright. */
export interface Frame extends Size {
  readonly pixels: Uint8Array
}

interface Native {
  resize(
    pixels: Uint8Array,
    width: number,
    height: number,
    resultWidth: number,
    resultHeight: number,
    scaleX: number,
    scaleY: number,
  ): Promise<ArrayBuffer>
}

let native: Native | undefined

/**
 * The image in another size, each pixel a mean weighted by a triangle that is as wide as a pixel of the result: the bytes of
 * Pillow's BILINEAR. Works on a thread of its own.
 *
 * @param scale pixels of the image in one of the result, the same on both axes; by default the whole image is shown, squashed
 * where need be
 * @throws SetupError where set-up did not compile native/resize.cc
 */
export async function resize({ pixels, width, height }: Frame, size: Size, scale?: number): Promise<Frame> {
  if (size.width === width && size.height === height) return { pixels, width, height }
  if (pixels.length !== width * height * CHANNELS || !(size.width > 0 && size.height > 0)) {
    throw new RangeError(`${pixels.length} bytes for ${width} x ${height} pixels, to ${size.width} x ${size.height}`)
  }
  native ??= load()
  const [scaleX, scaleY] = [scale ?? width / size.width, scale ?? height / size.height]
  const result = await native.resize(pixels, width, height, size.width, size.height, scaleX, scaleY)
  return { pixels: new Uint8Array(result), ...size }
}

/** What commands/setup/resize.mjs links into the packages, which copies of the checkout find too. */
function load(): Native {
  try {
    return createRequire(import.meta.url)('.paddock/resize.node') as Native
  } catch (cause) {
    throw new SetupError(
      'Expected a library that loads at node_modules/.paddock/resize.node, received none. Run `npm run setup`.',
      { cause },
    )
  }
}
