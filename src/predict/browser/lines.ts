/** One side of an image brought to another length: each pixel of the result as a weighted sum of neighbours. */
export interface Weights {
  /** First pixel that counts, for each of the result. */
  readonly first: readonly number[]
  /** What it and those after it count; the sum is 1. */
  readonly weights: readonly Float64Array[]
}

/** libvips leaves at least this factor to the triangle filter and shrinks by whole numbers before. */
const GAP = 2

/** By which whole number libvips averages pixels before it filters. Source: `vips_reduceh`. */
export function wholeShrink(length: number, result: number): number {
  return Math.max(1, Math.floor(length / result / GAP))
}

/**
 * The triangle filter of libvips, as wide as a pixel of the result on either side.
 *
 * @param shrink at least 1; `length / shrink` need not be whole, and what is left over is dropped on both ends alike
 * Source: `vips_reduceh_build` and `calculate_coefficients_triangle` of libvips 8.17.
 */
export function triangle(length: number, result: number, shrink: number, extra: number): Weights {
  const half = roundHalfEven(shrink)
  const first: number[] = []
  const weights: Float64Array[] = []
  for (let place = 0; place < result; place++) {
    const exact = (place + 0.5) * shrink - extra / 2
    const nearest = Math.floor(exact)
    const centre = nearest - 0.5 + Math.floor((Math.floor((exact - nearest) * 128) + 1) / 2) / 64 // a table of 64 places
    const from = clamped(nearest - half, length)
    const values = new Float64Array(clamped(nearest + half, length) - from + 1)
    for (let pixel = nearest - half; pixel <= nearest + half; pixel++) {
      const place = clamped(pixel, length) - from
      values[place] = (values[place] as number) + Math.max(0, 1 - Math.abs((pixel - centre) / shrink))
    }
    first.push(from)
    weights.push(normalized(values).map(inFixedPoint))
  }
  return { first, weights }
}

/** Linear interpolation for a side that grows; pixels lie half a pixel off their centres, as `vips_resize` has it. */
export function interpolation(length: number, result: number, shrink: number): Weights {
  const first: number[] = []
  const weights: Float64Array[] = []
  for (let place = 0; place < result; place++) {
    const centre = Math.min(Math.max(place * shrink - 0.5, 0), length - 1)
    const from = Math.min(Math.floor(centre), Math.max(0, length - 2))
    first.push(from)
    weights.push(length === 1 ? Float64Array.of(1) : Float64Array.of(1 - (centre - from), centre - from))
  }
  return { first, weights }
}

/** Averages over the area that each pixel of the result covers, as libwebp rescales. */
export function areas(length: number, result: number): Weights {
  const scale = length / result
  const first: number[] = []
  const weights: Float64Array[] = []
  for (let place = 0; place < result; place++) {
    const [start, end] = [place * scale, Math.min((place + 1) * scale, length)]
    const from = Math.floor(start)
    const to = Math.max(from + 1, Math.ceil(end - 1e-9))
    const values = Float64Array.from({ length: Math.min(to, length) - from }, (_, i) =>
      Math.max(0, Math.min(end, from + i + 1) - Math.max(start, from + i)),
    )
    first.push(from)
    weights.push(normalized(values))
  }
  return { first, weights }
}

/** Averages of so many neighbours; what is missing at the end repeats the last pixel, or is dropped by a smaller `result`. */
export function boxes(length: number, count: number, result: number = Math.ceil(length / count)): Weights {
  const first = Array.from({ length: result }, (_, place) => place * count)
  const weights = first.map((from) => {
    const values = new Float64Array(Math.min(count, length - from)).fill(1)
    values[values.length - 1] = count - values.length + 1
    return normalized(values)
  })
  return { first, weights }
}

/** Beyond its ends a line repeats its first or last pixel. */
function clamped(pixel: number, length: number): number {
  return Math.min(Math.max(pixel, 0), length - 1)
}

function normalized(values: Float64Array): Float64Array {
  const total = values.reduce((sum, value) => sum + value, 0)
  return values.map((value) => value / total)
}

/** libvips weighs pixels of 8 bits in whole 4096ths, rounded down. */
function inFixedPoint(weight: number): number {
  return Math.trunc(weight * 4096) / 4096
}

/** `rint` of C. */
function roundHalfEven(value: number): number {
  const whole = Math.floor(value)
  if (value - whole !== 0.5) return Math.round(value)
  return whole % 2 === 0 ? whole : whole + 1
}
