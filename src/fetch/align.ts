/** A small grey image `[side, side]`. */
export interface Grey {
  readonly side: number
  readonly values: ArrayLike<number>
}

/** The place in a of b's pixel (x, y), both axes from -1 to 1: `(scaleX * x + shiftX, scaleY * y + shiftY)`. */
export interface Placement {
  readonly scaleX: number
  readonly shiftX: number
  readonly scaleY: number
  readonly shiftY: number
}

const UNKNOWNS = 6 // four of the placement, and contrast and brightness of a

/** a sampled at b's pixels, bilinear, `[side, side]`; NaN outside of a. */
export function resample({ side, values }: Grey, { scaleX, shiftX, scaleY, shiftY }: Placement): Float64Array {
  const result = new Float64Array(side * side).fill(Number.NaN)
  for (let row = 0; row < side; row++) {
    const y = pixelOf(row, side, scaleY, shiftY)
    if (!(y >= 0 && y <= side - 1)) continue
    const top = Math.min(Math.floor(y), side - 2)
    for (let column = 0; column < side; column++) {
      const x = pixelOf(column, side, scaleX, shiftX)
      if (!(x >= 0 && x <= side - 1)) continue
      const left = Math.min(Math.floor(x), side - 2)
      const corner = top * side + left
      const above = between(values[corner] as number, values[corner + 1] as number, x - left)
      const below = between(values[corner + side] as number, values[corner + side + 1] as number, x - left)
      result[row * side + column] = between(above, below, y - top)
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
  const normal = new Float64Array(UNKNOWNS * (UNKNOWNS + 1)) // the normal equations, their right side last
  const line = new Float64Array(UNKNOWNS + 1) // derivatives at one pixel, and b there
  for (let row = 1; row < side - 1; row++) {
    const y = centreOf(row, side)
    for (let column = 1; column < side - 1; column++) {
      const at = row * side + column
      const x = centreOf(column, side)
      const slopeX = ((seen[at + 1] as number) - (seen[at - 1] as number)) * (side / 4 / placement.scaleX)
      const slopeY = ((seen[at + side] as number) - (seen[at - side] as number)) * (side / 4 / placement.scaleY)
      if (Number.isNaN(slopeX + slopeY)) continue
      line[0] = slopeX * x
      line[1] = slopeX
      line[2] = slopeY * y
      line[3] = slopeY
      line[4] = seen[at] as number
      line[5] = 1
      line[6] = b.values[at] as number
      addProducts(normal, line)
    }
  }
  const solution = solve(normal)
  if (!solution) return undefined
  const [scaleX, shiftX, scaleY, shiftY, contrast] = solution as [number, number, number, number, number]
  return {
    scaleX: placement.scaleX + scaleX / contrast,
    shiftX: placement.shiftX + shiftX / contrast,
    scaleY: placement.scaleY + scaleY / contrast,
    shiftY: placement.shiftY + shiftY / contrast,
  }
}

/** Adds the products of one line to the upper triangle. */
function addProducts(normal: Float64Array, line: Float64Array): void {
  for (let i = 0; i < UNKNOWNS; i++) {
    const row = i * (UNKNOWNS + 1)
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

/** The fractional pixel of a at b's pixel. */
function pixelOf(pixel: number, side: number, scale: number, shift: number): number {
  return ((scale * centreOf(pixel, side) + shift + 1) * side - 1) / 2
}

function between(first: number, second: number, share: number): number {
  return first + (second - first) * share
}
