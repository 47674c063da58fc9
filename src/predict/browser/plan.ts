/** How an image of some size becomes a square: the steps that sharp 0.34 and libvips 8.17 take, in their order. */
export interface Plan {
  /** Both sides are shrunk by this whole number while a JPEG is decoded. */
  readonly onLoad: number
  /** Size, in pixels, to which a WebP is brought while it is decoded. */
  readonly scaled: Size
  /** Size, in pixels, when it is decoded. */
  readonly loaded: Size
  /** Size after the resizing, before turning and cropping. */
  readonly resized: Size
  /** By how much each side is shrunk in the resizing, below 1 where it grows. */
  readonly shrink: Size
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** What an image becomes: a square of `size` pixels, cropped from the centre (`cover`) or squashed (`fill`). */
export interface Square {
  readonly size: number
  readonly fit: 'cover' | 'fill'
}

export type Format = 'jpeg' | 'webp' | 'other'

/**
 * The plan for an image as it is stored, before its EXIF orientation: a square's sides are the same in any.
 *
 * Source: sharp's pipeline.cc with `fastShrinkOnLoad`, and its ResolveShrink.
 */
export function planOf(stored: Size, format: Format, square: Square): Plan {
  const asked = shrinkOf(stored, square)
  const common = Math.min(asked.width, asked.height)
  const onLoad = format === 'jpeg' ? shrinkOnLoad(common) : 1
  const scaled = format === 'webp' && common > 1 ? divided(stored, common, Math.round) : stored
  const loaded = divided(scaled, onLoad, Math.floor)
  const shrink = shrinkOf(loaded, square)
  const resized = {
    width: Math.max(1, Math.round(loaded.width / shrink.width)),
    height: Math.max(1, Math.round(loaded.height / shrink.height)),
  }
  return { onLoad, scaled, loaded, resized, shrink }
}

function shrinkOf({ width, height }: Size, { size, fit }: Square): Size {
  const asked = { width: width / size, height: height / size }
  const least = Math.min(asked.width, asked.height)
  const wanted = fit === 'cover' ? { width: least, height: least } : asked
  return { width: Math.min(wanted.width, width), height: Math.min(wanted.height, height) }
}

/** sharp takes a step less where libjpeg's rounding would show. */
function shrinkOnLoad(shrink: number): number {
  const step = [8, 4, 2].find((each) => shrink >= each) ?? 1
  return step > 1 && Math.floor(shrink) === step ? step / 2 : step
}

function divided({ width, height }: Size, by: number, round: (value: number) => number): Size {
  return { width: Math.max(1, round(width / by)), height: Math.max(1, round(height / by)) }
}
