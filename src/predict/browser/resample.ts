import { areas, boxes, interpolation, triangle, type Weights, wholeShrink } from './lines.ts'
import type { Format, Plan, Size } from './plan.ts'

/** Pixels: uint8 `[height, width, 3]`. */
export interface Image extends Size {
  readonly pixels: Uint8Array
}

/** A decoded image that may be too large to be held twice: it gives some of its rows, uint8 `[count, width, 4]`. */
export interface Rows extends Size {
  read(from: number, count: number): Uint8Array | Uint8ClampedArray
}

const CHANNELS = 3
/** Pixels that are read at once. */
const STRIP_PIXELS = 2 ** 21

/**
 * The image resized as planned: shrunk while it is decoded, then vertically, then horizontally, each time by averages over
 * whole numbers of pixels and a triangle filter; 8 bits between the steps, as libvips has it.
 */
export function resample(rows: Rows, plan: Plan): Image {
  const { resized, shrink } = plan
  const loaded = load(rows, plan)
  const tall = resizeSide(loaded, { result: resized.height, shrink: shrink.height, across: false })
  return resizeSide(tall, { result: resized.width, shrink: shrink.width, across: true })
}

/** What a plan says of the kind of image. */
export function isShrunkOnLoad({ onLoad, scaled }: Plan, stored: Size): Format {
  if (onLoad > 1) return 'jpeg'
  return scaled.width === stored.width && scaled.height === stored.height ? 'other' : 'webp'
}

/** All of it, shrunk as its decoder would; where it would not, only as far as the first vertical step goes anyway. */
function load(rows: Rows, plan: Plan): Image {
  const { width, height } = rows
  const { onLoad, scaled, loaded } = plan
  switch (isShrunkOnLoad(plan, rows)) {
    // libjpeg's smaller inverse DCTs give the averages of the pixels that the whole one gives.
    case 'jpeg':
      return readWeighted(rows, boxes(width, onLoad, loaded.width), boxes(height, onLoad, loaded.height))
    case 'webp':
      return readWeighted(rows, areas(width, scaled.width), areas(height, scaled.height))
    default:
      return readWeighted(rows, boxes(width, 1), boxes(height, 1))
  }
}

interface Side {
  readonly result: number
  readonly shrink: number
  /** The width; else the height. */
  readonly across: boolean
}

function resizeSide(image: Image, { result, shrink, across }: Side): Image {
  const length = across ? image.width : image.height
  if (shrink === 1) return image
  const apply = across ? weighRows : weighColumns
  if (shrink < 1) return apply(image, interpolation(length, result, shrink))
  const whole = wholeShrink(length, result)
  const shrunk = whole > 1 ? apply(image, boxes(length, whole)) : image
  const left = Math.ceil(length / whole)
  if (shrink === whole) return shrunk
  return apply(shrunk, triangle(left, result, shrink / whole, (result * shrink - length) / whole))
}

/** Reads an image strip by strip and weighs both its sides, rounding once. */
function readWeighted(rows: Rows, across: Weights, down: Weights): Image {
  const { width } = rows
  const result = { width: across.first.length, height: down.first.length }
  const pixels = new Uint8Array(result.width * result.height * CHANNELS)
  const stripRows = Math.max(1, Math.floor(STRIP_PIXELS / width))
  let strip = { from: 0, until: 0, values: new Uint8Array() as Uint8Array | Uint8ClampedArray }
  const sums = new Float64Array(width * CHANNELS)
  down.weights.forEach((weights, y) => {
    const from = down.first[y] ?? 0
    const until = from + weights.length
    if (from < strip.from || until > strip.until) {
      const count = Math.min(Math.max(stripRows, weights.length), rows.height - from)
      strip = { from, until: from + count, values: rows.read(from, count) }
    }
    sums.fill(0)
    weights.forEach((weight, row) => {
      let source = (from + row - strip.from) * width * 4
      for (let i = 0; i < sums.length; i += CHANNELS, source += 4) {
        sums[i] = (sums[i] as number) + weight * (strip.values[source] as number)
        sums[i + 1] = (sums[i + 1] as number) + weight * (strip.values[source + 1] as number)
        sums[i + 2] = (sums[i + 2] as number) + weight * (strip.values[source + 2] as number)
      }
    })
    weigh(sums, across, pixels, y * result.width * CHANNELS)
  })
  return { ...result, pixels }
}

function weighColumns({ width, height, pixels }: Image, { first, weights }: Weights): Image {
  const stride = width * CHANNELS
  const result = new Uint8Array(first.length * stride)
  const sums = new Float64Array(stride)
  weights.forEach((values, y) => {
    sums.fill(0)
    values.forEach((weight, row) => {
      const source = Math.min((first[y] ?? 0) + row, height - 1) * stride
      for (let i = 0; i < stride; i++) sums[i] = (sums[i] as number) + weight * (pixels[source + i] as number)
    })
    for (let i = 0; i < stride; i++) result[y * stride + i] = rounded(sums[i] as number)
  })
  return { width, height: first.length, pixels: result }
}

function weighRows({ width, height, pixels }: Image, across: Weights): Image {
  const result = new Uint8Array(across.first.length * height * CHANNELS)
  for (let y = 0; y < height; y++) {
    const row = pixels.subarray(y * width * CHANNELS, (y + 1) * width * CHANNELS)
    weigh(row, across, result, y * across.first.length * CHANNELS)
  }
  return { width: across.first.length, height, pixels: result }
}

/** One row of an image, weighed into a row of another that begins at `place`. */
function weigh(row: Uint8Array | Float64Array, { first, weights }: Weights, result: Uint8Array, place: number): void {
  weights.forEach((values, x) => {
    const from = (first[x] ?? 0) * CHANNELS
    for (let channel = 0; channel < CHANNELS; channel++) {
      let sum = 0
      for (let i = 0; i < values.length; i++) {
        sum += (values[i] as number) * (row[from + i * CHANNELS + channel] as number)
      }
      result[place + x * CHANNELS + channel] = rounded(sum)
    }
  })
}

function rounded(value: number): number {
  return Math.floor(value + 0.5)
}
