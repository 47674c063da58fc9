import { z } from 'zod'
import { fraction } from '../config/shapes.ts'
import { type Rng, uniform } from '../core/random.ts'

/** The keys of `augment` that a random transform is drawn from. */
export const transformRanges = {
  /** Greatest angle, in degrees. */
  rotation: z.number().min(0).max(180),
  /** Greatest shift, as a fraction of the side. */
  shift: fraction,
  /** Greatest shear angle, in degrees. */
  shear: z.number().min(0).max(80),
  /** Each axis is scaled by 1 - zoom to 1 + zoom. */
  zoom: z.number().min(0).max(0.95),
  flip: z.boolean(),
}
export type TransformRanges = z.infer<z.ZodObject<typeof transformRanges>>

/**
 * Where each pixel of a warped image comes from: the pixel at column x, row y of the result is the one at column
 * `xx * x + xy * y + x0`, row `yx * x + yy * y + y0` of the source. Pixel centres lie at whole numbers.
 */
export interface AffineTransform {
  readonly xx: number
  readonly xy: number
  readonly x0: number
  readonly yx: number
  readonly yy: number
  readonly y0: number
}

/** The transform of one image: the parameters of Keras's `apply_affine_transform` (theta, tx, ty, shear, zx, zy) and the flip. */
export interface TransformParameters {
  /** In degrees; shear too. */
  readonly rotation: number
  readonly shear: number
  /** In pixels; shiftY too. */
  readonly shiftX: number
  readonly shiftY: number
  /** Steps in the source for one in the result: below 1 the image grows. zoomY too. */
  readonly zoomX: number
  readonly zoomY: number
  /** Mirrors left and right, after everything else. */
  readonly flip: boolean
}

/**
 * A random transform for images `[S, S, 3]`, S = `size`, as Keras's ImageDataGenerator draws it.
 *
 * Rotation and shear are angles uniform in +-range, in degrees; shifts are uniform in +-range of the side, one an axis; zoom
 * is uniform in [1 - zoom, 1 + zoom], separately for each axis; the flip has probability 1/2. Always draws seven numbers, so
 * that a range does not change the other parameters. Keras draws from another generator, and skips ranges of 0.
 *
 * Source: `get_random_transform` in keras/src/legacy/preprocessing/image.py (Keras 3.15).
 */
export function drawTransform(rng: Rng, augment: TransformRanges, size: number): AffineTransform {
  const within = (range: number): number => uniform(rng, -range, range)
  return affineTransform(
    {
      rotation: within(augment.rotation),
      shiftX: within(augment.shift) * size,
      shiftY: within(augment.shift) * size,
      shear: within(augment.shear),
      zoomX: 1 + within(augment.zoom),
      zoomY: 1 + within(augment.zoom),
      flip: rng() < 0.5 && augment.flip,
    },
    size,
  )
}

/**
 * Rotation · shift · shear · zoom about the centre (S - 1) / 2 of the image, and the flip folded in.
 *
 * Source: `apply_affine_transform` in keras/src/legacy/preprocessing/image.py (Keras 3.15; older ones took S / 2 + 0.5 as the centre).
 */
export function affineTransform(parameters: TransformParameters, size: number): AffineTransform {
  const { shiftX, shiftY, zoomX, zoomY, flip } = parameters
  const angle = radians(parameters.rotation)
  const sheared = angle + radians(parameters.shear)
  const xx = Math.cos(angle) * zoomX
  const xy = -Math.sin(sheared) * zoomY
  const yx = Math.sin(angle) * zoomX
  const yy = Math.cos(sheared) * zoomY
  const centre = (size - 1) / 2
  const x0 = centre + Math.cos(angle) * shiftX - Math.sin(angle) * shiftY - (xx + xy) * centre
  const y0 = centre + Math.sin(angle) * shiftX + Math.cos(angle) * shiftY - (yx + yy) * centre
  return flip
    ? { xx: -xx, xy, x0: x0 + xx * (size - 1), yx: -yx, yy, y0: y0 + yx * (size - 1) }
    : { xx, xy, x0, yx, yy, y0 }
}

/** The transform as the eight numbers of TensorFlow's ImageProjectiveTransformV3 for one image. */
export function projectiveRow({ xx, xy, x0, yx, yy, y0 }: AffineTransform): number[] {
  return [xx, xy, x0, yx, yy, y0, 0, 0]
}

/**
 * A warped image: uint8 `[S, S, 3]` to uint8 `[S, S, 3]`, S = `size`.
 *
 * Bilinear, rounded to the nearest byte (Keras keeps the fractions); outside of the source the nearest pixel is repeated,
 * as `scipy.ndimage.affine_transform` does with order 1 and mode "nearest".
 */
export function warp(pixels: Uint8Array, size: number, transform: AffineTransform): Uint8Array {
  const { xx, xy, x0, yx, yy, y0 } = transform
  const result = new Uint8Array(pixels.length)
  const last = size - 1
  let target = 0
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const sourceX = clamp(xx * x + xy * y + x0, last)
      const sourceY = clamp(yx * x + yy * y + y0, last)
      const left = Math.trunc(sourceX)
      const top = Math.trunc(sourceY)
      const right = sourceX - left // weights of the right and the lower neighbours
      const lower = sourceY - top
      const topLeft = (top * size + left) * 3
      const bottomLeft = top < last ? topLeft + size * 3 : topLeft
      const step = left < last ? 3 : 0
      for (let channel = 0; channel < 3; channel++) {
        const a = pixels[topLeft + channel] as number
        const b = pixels[topLeft + step + channel] as number
        const c = pixels[bottomLeft + channel] as number
        const d = pixels[bottomLeft + step + channel] as number
        const above = a + (b - a) * right
        const below = c + (d - c) * right
        result[target++] = above + (below - above) * lower + 0.5
      }
    }
  }
  return result
}

function clamp(place: number, last: number): number {
  return Math.max(0, Math.min(place, last))
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180
}
