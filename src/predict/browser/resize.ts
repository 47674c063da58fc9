/** Pixels: uint8 `[height, width, 3]`. */
export interface Image {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** A decoded image that may be too large to be held twice: `read` gives some of its rows, uint8 `[count, width, channels]`. */
export interface Rows {
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
  read(from: number, count: number): Uint8Array | Uint8ClampedArray
}

/** The input of the network: a square of `size` pixels, cropped from the centre (`cover`) or squashed (`fill`). */
export interface Square {
  readonly size: number
  readonly fit: 'cover' | 'fill'
}

/** The part of a file's header that decides how libvips resizes the image. */
export interface Header {
  readonly format: 'jpeg' | 'webp' | 'other'
  /** EXIF orientation, 1 to 8. */
  readonly orientation: number
}

const CHANNELS = 3
/** Constants of src/images/decode.ts. */
const SHRUNK_WHILE_DECODED = 2
const MAX_ASPECT = 16
/** Pixels that are read at once. */
const STRIP_PIXELS = 2 ** 21
/** EXIF orientations in which a row, or a column, of the upright image is stored from its end to its start. */
const MIRRORED = { rows: [2, 3, 6, 7], columns: [3, 4, 7, 8] }

/**
 * Resizes and crops an upright image as `decodePixels` of src/images/decode.ts does: by a triangle filter that is as wide as a
 * pixel of the result, the antialiased bilinear of TensorFlow, torchvision and Pillow. Gives `[size, size, 3]`.
 */
export function toSquare(rows: Rows, square: Square, header: Header): Image {
  const { width, height } = rows
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)]
  if (shorter >= SHRUNK_WHILE_DECODED * square.size || longer > MAX_ASPECT * shorter) {
    return toSquareAsLibvips(rows, square, header)
  }
  const { size, fit } = square
  const taps = (length: number) => exactSide(length, (fit === 'cover' ? shorter : length) / size, size)
  const image = weigh(weigh(rows, { across: taps(width) }), { down: taps(height) })
  return { width: size, height: size, pixels: Uint8Array.from(image.read(0, size)) }
}

/**
 * An image that libvips shrinks.
 *
 * Source: sharp's pipeline.cc and libvips' `vips_reduceh`. They shrink while they decode, resize the stored columns, then the rows,
 * turn by EXIF orientation and crop, and round to 8 bits after each step. Here the rows are upright already, so what is not
 * symmetric (the order, what is dropped at an end, the crop) follows the orientation.
 */
function toSquareAsLibvips(rows: Rows, { size, fit }: Square, { format, orientation }: Header): Image {
  const { width, height } = rows
  const common = Math.min(width, height) / size
  const loaded = { across: loadSide(width, format, common), down: loadSide(height, format, common) }
  const scale = Math.min(loaded.across.length, loaded.down.length) / size
  const isMirrored = { across: MIRRORED.rows.includes(orientation), down: MIRRORED.columns.includes(orientation) }
  const upright = (side: keyof typeof isMirrored, taps: Tap[], length: number) =>
    isMirrored[side] ? mirror(taps, length) : taps
  const isLoadedWhole = loaded.across.length === width && loaded.down.length === height
  let image = isLoadedWhole
    ? rows
    : weigh(rows, { across: upright('across', loaded.across, width), down: upright('down', loaded.down, height) })
  for (const side of orientation < 5 ? (['down', 'across'] as const) : (['across', 'down'] as const)) {
    let length = loaded[side].length
    const sideScale = fit === 'cover' ? scale : length / size
    for (const taps of resizeSide(length, sideScale, size, isMirrored[side])) {
      image = weigh(image, { [side]: upright(side, taps, length) })
      length = taps.length
    }
  }
  return { width: size, height: size, pixels: Uint8Array.from(image.read(0, size)) }
}

/** The `size` pixels in the centre of a side that is `scale` times as long, but for rounding: as src/images/native/resize.cc. */
function exactSide(length: number, scale: number, size: number): Tap[] {
  const resized = Math.round(length / scale)
  const margin = Math.floor((resized - size + 1) / 2)
  const reach = Math.max(scale, 1)
  return Array.from({ length: size }, (_, place) => {
    const centre = (length - resized * scale) / 2 + (margin + place + 0.5) * scale
    const first = Math.max(Math.trunc(centre - reach + 0.5), 0)
    const last = Math.min(Math.trunc(centre + reach + 0.5), length)
    const weights = Float64Array.from({ length: last - first }, (_, at) =>
      Math.max(1 - Math.abs(first + at + 0.5 - centre) / reach, 0),
    )
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    return { first, weights: weights.map((weight) => weight / total) }
  })
}

/** A pixel of the result: the weighted sum of the input pixels from `first` on; the weights sum to 1, but for rounding. */
interface Tap {
  readonly first: number
  readonly weights: Float64Array
}

/** Shrinks a side as its decoder does: libjpeg by 2, 4 or 8, and libwebp to the size asked for, both by averages. */
function loadSide(length: number, format: Header['format'], scale: number): Tap[] {
  const block = format === 'jpeg' ? blockOf(scale) : 1
  if (format !== 'webp' || scale <= 1) return averages(length, Math.max(1, Math.floor(length / block)), block)
  const count = Math.max(1, Math.round(length / scale))
  return averages(length, count, length / count)
}

/** sharp takes a step less where libjpeg's rounding would show. */
function blockOf(scale: number): number {
  const block = [8, 4, 2].find((each) => scale >= each) ?? 1
  return block > 1 && Math.floor(scale) === block ? block / 2 : block
}

/**
 * The steps to the `size` pixels in the centre of a side that shrinks by `scale`: averages over a whole number of pixels where it
 * shrinks by 4 or more, then the triangle filter. For a side that grows, `scale` < 1, linear interpolation, half a pixel off as
 * in libvips.
 *
 * @param isMirrored the side is cropped after it was mirrored
 */
function resizeSide(length: number, scale: number, size: number, isMirrored: boolean): Tap[][] {
  const resized = Math.max(1, Math.round(length / scale))
  const whole = Math.max(1, Math.floor(length / resized / 2))
  const shrunk = averages(length, Math.ceil(length / whole), whole)
  const roundedOff = resized * scale - length // half of it at each end
  const margin = Math.floor((resized - size + 1) / 2)
  const cropped = isMirrored ? resized - size - margin : margin
  const filter = Array.from({ length: size }, (_, i) => {
    const place = cropped + i
    if (scale < 1) return triangle(place * scale - 0.5, 1, length)
    const exact = ((place + 0.5) * scale - roundedOff / 2) / whole
    return triangle(Math.round(exact * 64) / 64 - 0.5, scale / whole, shrunk.length) // libvips has 64 filters a pixel
  })
  return whole > 1 ? [shrunk, filter] : [filter]
}

/** Weights that fall from `centre` to 0 at a distance of `reach`; beyond its ends a side repeats its first or last pixel. */
function triangle(centre: number, reach: number, length: number): Tap {
  const inside = (pixel: number) => Math.min(Math.max(pixel, 0), length - 1)
  const [start, end] = [Math.ceil(centre - reach), Math.floor(centre + reach)]
  const first = inside(start)
  const weights = new Float64Array(inside(end) - first + 1)
  for (let pixel = start; pixel <= end; pixel++) {
    const place = inside(pixel) - first
    weights[place] = (weights[place] as number) + 1 - Math.abs(pixel - centre) / reach
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return { first, weights: weights.map((weight) => Math.floor((4096 * weight) / total) / 4096) } // rounded down in libvips
}

/** Averages over `scale` pixels each, the last one over those that are left. */
function averages(length: number, count: number, scale: number): Tap[] {
  return Array.from({ length: count }, (_, place) => {
    const [start, end] = [place * scale, Math.min((place + 1) * scale, length)]
    const first = Math.floor(start)
    const last = Math.max(first + 1, Math.ceil(end - 1e-9))
    const weights = Float64Array.from({ length: Math.min(last, length) - first }, (_, i) => {
      const covered = Math.min(end, first + i + 1) - Math.max(start, first + i)
      return covered / (end - start)
    })
    return { first, weights }
  })
}

/** The same taps on a side that is stored from its end to its start. */
function mirror(taps: readonly Tap[], length: number): Tap[] {
  return taps
    .map(({ first, weights }) => ({ first: length - first - weights.length, weights: weights.toReversed() }))
    .reverse()
}

/** Weighs the pixels of each row by `across` and those of each column by `down`, reading the rows in strips. Drops alpha. */
function weigh(
  rows: Rows,
  { across = unchanged(rows.width), down = unchanged(rows.height) }: Partial<Record<'across' | 'down', Tap[]>>,
): Rows {
  const { width, height, channels } = rows
  const rowLength = across.length * CHANNELS
  const pixels = new Uint8Array(rowLength * down.length)
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
      let source = (first + row - strip.from) * width * channels
      for (let i = 0; i < sums.length; i += CHANNELS, source += channels) {
        sums[i] = (sums[i] as number) + weight * (strip.values[source] as number)
        sums[i + 1] = (sums[i + 1] as number) + weight * (strip.values[source + 1] as number)
        sums[i + 2] = (sums[i + 2] as number) + weight * (strip.values[source + 2] as number)
      }
    })
    weighRow(sums, across, pixels.subarray(y * rowLength, (y + 1) * rowLength))
  })
  return {
    width: across.length,
    height: down.length,
    channels: CHANNELS,
    read: (from, count) => pixels.subarray(from * rowLength, (from + count) * rowLength),
  }
}

function unchanged(length: number): Tap[] {
  return averages(length, length, 1)
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
