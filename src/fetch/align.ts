/** A small grey image `[side, side]`. */
export interface Grey {
  readonly side: number
  readonly values: ArrayLike<number>
}

/** The place in a of b's pixel (u, v), both axes from -1 to 1: `(xx * u + xy * v + x, yx * u + yy * v + y)`. */
export interface Placement {
  readonly xx: number
  readonly xy: number
  readonly x: number
  readonly yx: number
  readonly yy: number
  readonly y: number
}

/** Tolerance, so that rounding puts no pixel outside. */
const EDGE = 1e-9

const UNKNOWNS = 8 // six of the placement, and contrast and brightness of a

/** By side. A new array for each of the many steps would keep the garbage collector busy for a tenth of fetch's time. */
const RESAMPLED = new Map<number, Float64Array>()

/** a sampled at b's pixels, bilinear, `[side, side]`; NaN outside of a. The next call for this side overwrites the result. */
export function resample({ side, values }: Grey, placement: Placement): Float64Array {
  const result = (RESAMPLED.get(side) ?? new Float64Array(side * side)).fill(Number.NaN)
  RESAMPLED.set(side, result)
  const { xx, xy, yx, yy } = placement // of pixels as of axes, since both sides are the same
  const startX = pixelOf(placement.x - (xx + xy) * (1 - 1 / side), side)
  const startY = pixelOf(placement.y - (yx + yy) * (1 - 1 / side), side)
  for (let row = 0, at = 0; row < side; row++) {
    for (let column = 0; column < side; column++, at++) {
      const x = startX + xx * column + xy * row
      const y = startY + yx * column + yy * row
      if (!(x >= -EDGE && x <= side - 1 + EDGE && y >= -EDGE && y <= side - 1 + EDGE)) continue
      const left = Math.min(Math.max(Math.floor(x), 0), side - 2)
      const top = Math.min(Math.max(Math.floor(y), 0), side - 2)
      const corner = top * side + left
      const above = between(values[corner] as number, values[corner + 1] as number, x - left)
      const below = between(values[corner + side] as number, values[corner + side + 1] as number, x - left)
      result[at] = between(above, below, y - top)
    }
  }
  return result
}

/**
 * One Gauss-Newton step from a placement towards `b = contrast * a(placement) + brightness`; undefined where the equations are
 * singular.
 *
 * Source: Lucas and Kanade 1981; the forwards additive form in Baker and Matthews, "Lucas-Kanade 20 years on", 2004.
 */
export function improve(a: Grey, b: Grey, placement: Placement): Placement | undefined {
  const { side } = a
  const seen = resample(a, placement)
  const { xx, xy, yx, yy } = placement
  const area = xx * yy - xy * yx
  const normal = new Float64Array(UNKNOWNS * (UNKNOWNS + 1)) // the normal equations, their right side last
  const line = new Float64Array(UNKNOWNS + 1) // derivatives at one pixel, and b there
  for (let row = 1; row < side - 1; row++) {
    const v = centreOf(row, side)
    for (let column = 1; column < side - 1; column++) {
      const at = row * side + column
      const u = centreOf(column, side)
      const slopeU = ((seen[at + 1] as number) - (seen[at - 1] as number)) * (side / 4)
      const slopeV = ((seen[at + side] as number) - (seen[at - side] as number)) * (side / 4)
      if (Number.isNaN(slopeU + slopeV)) continue
      const slopeX = (slopeU * yy - slopeV * yx) / area
      const slopeY = (slopeV * xx - slopeU * xy) / area
      line[0] = slopeX * u
      line[1] = slopeX * v
      line[2] = slopeX
      line[3] = slopeY * u
      line[4] = slopeY * v
      line[5] = slopeY
      line[6] = seen[at] as number
      line[7] = 1
      line[8] = b.values[at] as number
      addProducts(normal, line)
    }
  }
  const solution = solve(normal)
  if (!solution) return undefined
  const [byXx, byXy, byX, byYx, byYy, byY, contrast] = solution as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return {
    xx: xx + byXx / contrast,
    xy: xy + byXy / contrast,
    x: placement.x + byX / contrast,
    yx: yx + byYx / contrast,
    yy: yy + byYy / contrast,
    y: placement.y + byY / contrast,
  }
}

/** Adds the products of one line to the upper triangle. */
function addProducts(normal: Float64Array, line: Float64Array): void {
  for (let i = 0, row = 0; i < UNKNOWNS; i++, row += UNKNOWNS + 1) {
    const value = line[i] as number
    for (let j = i; j <= UNKNOWNS; j++) normal[row + j] = (normal[row + j] as number) + value * (line[j] as number)
  }
}

/** Solves symmetric equations, given by their upper triangle, by Gauss's elimination; undefined where they are singular. */
function solve(equations: Float64Array): number[] | undefined {
  const width = UNKNOWNS + 1
  const at = (row: number, column: number) => equations[row * width + column] as number
  for (let row = 0; row < UNKNOWNS; row++) {
    for (let column = 0; column < row; column++) equations[row * width + column] = at(column, row)
  }
  for (let pivot = 0; pivot < UNKNOWNS; pivot++) {
    if (!(at(pivot, pivot) > 1e-6)) return undefined
    for (let row = pivot + 1; row < UNKNOWNS; row++) {
      const factor = at(row, pivot) / at(pivot, pivot)
      for (let column = pivot; column < width; column++) {
        equations[row * width + column] = at(row, column) - factor * at(pivot, column)
      }
    }
  }
  const solution: number[] = Array.from({ length: UNKNOWNS }, () => 0)
  for (let row = UNKNOWNS - 1; row >= 0; row--) {
    const known = solution.reduce((sum, value, column) => (column > row ? sum + at(row, column) * value : sum), 0)
    solution[row] = (at(row, UNKNOWNS) - known) / at(row, row)
  }
  return solution
}

/** The centre of a pixel, from -1 to 1. */
function centreOf(pixel: number, side: number): number {
  return (2 * pixel + 1) / side - 1
}

/** The fractional pixel at a place from -1 to 1. */
function pixelOf(place: number, side: number): number {
  return ((place + 1) * side - 1) / 2
}

function between(first: number, second: number, share: number): number {
  return first + (second - first) * share
}
