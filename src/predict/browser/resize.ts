/** Pixels: uint8 `[height, width, 3]`. */
export interface Image {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** A decoded image that may be too large to be held twice: `read` gives some of its rows, uint8 `[count, width, 4]`. */
export interface Rows {
  readonly width: number
  readonly height: number
  read(from: number, count: number): Uint8Array | Uint8ClampedArray
}

/** The input of the network: a square of `size` pixels, cropped from the centre (`cover`) or squashed (`fill`). */
export interface Square {
  readonly size: number
  readonly fit: 'cover' | 'fill'
}

const CHANNELS = 3
/** Pixels that are read at once. */
const STRIP_PIXELS = 2 ** 21

/**
 * Resizes and crops an image as `decodePixels` of src/images/decode.ts does: by a triangle filter that is as wide as a pixel
 * of the result, the antialiased bilinear of TensorFlow, torchvision and Pillow. Gives `[size, size, 3]`.
 *
 * @param isJpeg libjpeg averages blocks of 2, 4 or 8 pixels while it decodes, before the filter
 */
export function toSquare(rows: Rows, { size, fit }: Square, isJpeg: boolean): Image {
  const { width, height } = rows
  const block = isJpeg ? blockOf(scaleOf(rows, size)) : 1
  const blocks = { width: Math.max(1, Math.floor(width / block)), height: Math.max(1, Math.floor(height / block)) }
  const scale = scaleOf(blocks, size)
  const across = inPixels(triangle(blocks.width, fit === 'cover' ? scale : blocks.width / size, size), block)
  const down = inPixels(triangle(blocks.height, fit === 'cover' ? scale : blocks.height / size, size), block)
  const pixels = new Uint8Array(size * size * CHANNELS)
  const stripRows = Math.max(1, Math.floor(STRIP_PIXELS / width))
  let strip = { from: 0, until: 0, values: new Uint8Array() as Uint8Array | Uint8ClampedArray }
  const sums = new Float64Array(width * CHANNELS)
  down.forEach(({ first, weights }, y) => {
    const until = first + weights.length
    if (first < strip.from || until > strip.until) {
      const count = Math.min(Math.max(stripRows, weights.length), height - first)
      strip = { from: first, until: first + count, values: rows.read(first, count) }
    }
    sums.fill(0)
    weights.forEach((weight, row) => {
      let source = (first + row - strip.from) * width * 4
      for (let i = 0; i < sums.length; i += CHANNELS, source += 4) {
        sums[i] = (sums[i] as number) + weight * (strip.values[source] as number)
        sums[i + 1] = (sums[i + 1] as number) + weight * (strip.values[source + 1] as number)
        sums[i + 2] = (sums[i + 2] as number) + weight * (strip.values[source + 2] as number)
      }
    })
    weighRow(sums, across, pixels.subarray(y * size * CHANNELS, (y + 1) * size * CHANNELS))
  })
  return { width: size, height: size, pixels }
}

/** By how much the shorter side shrinks; below 1 it grows. */
function scaleOf({ width, height }: { readonly width: number; readonly height: number }, size: number): number {
  return Math.min(width, height) / size
}

/** Source: sharp's pipeline.cc, which takes a step less where libjpeg's rounding would show. */
function blockOf(scale: number): number {
  const block = [8, 4, 2].find((each) => scale >= each) ?? 1
  return block > 1 && Math.floor(scale) === block ? block / 2 : block
}

/** A pixel of the result: the weighted sum of the input pixels from `first` on; the weights sum to 1, but for rounding. */
interface Tap {
  readonly first: number
  readonly weights: Float64Array
}

/**
 * The triangle filter for the `size` pixels in the centre of a side that shrinks by `scale`; for a side that grows, `scale` < 1,
 * linear interpolation, half a pixel off as in libvips.
 */
function triangle(length: number, scale: number, size: number): Tap[] {
  const resized = Math.max(1, Math.round(length / scale))
  const cropped = Math.floor((resized - size + 1) / 2)
  const roundedOff = resized * scale - length // half of it at each end
  const shift = scale < 1 ? 0 : (scale - roundedOff) / 2
  const reach = Math.max(scale, 1)
  // libvips rounds weights down to whole 4096ths, after it has shrunk by a whole number to about half of what is asked.
  const unit = 4096 * Math.max(1, Math.floor(scale / 2))
  return Array.from({ length: size }, (_, place) => {
    const centre = (cropped + place) * scale + shift - 0.5
    const first = Math.min(Math.max(0, Math.ceil(centre - reach)), length - 1)
    const last = Math.max(first, Math.min(length - 1, Math.floor(centre + reach)))
    const weights = Float64Array.from({ length: last - first + 1 }, (_, i) =>
      Math.max(0, 1 - Math.abs(first + i - centre) / reach),
    )
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    return { first, weights: weights.map((weight) => Math.floor((unit * weight) / total) / unit) }
  })
}

/** The same weights for pixels that were averaged in blocks before. */
function inPixels(taps: readonly Tap[], block: number): readonly Tap[] {
  if (block === 1) return taps
  return taps.map(({ first, weights }) => ({
    first: first * block,
    weights: Float64Array.from(
      { length: weights.length * block },
      (_, i) => (weights[Math.floor(i / block)] ?? 0) / block,
    ),
  }))
}

function weighRow(row: Float64Array, taps: readonly Tap[], result: Uint8Array): void {
  taps.forEach(({ first, weights }, x) => {
    for (let channel = 0; channel < CHANNELS; channel++) {
      let sum = 0
      for (let i = 0; i < weights.length; i++) {
        sum += (weights[i] as number) * (row[(first + i) * CHANNELS + channel] as number)
      }
      result[x * CHANNELS + channel] = Math.round(sum)
    }
  })
}
