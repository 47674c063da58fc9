import { type Grey, improve, type Placement, resample } from './align.ts'
import { THUMBNAIL } from './fingerprint.ts'

/** Images up to this distance show the same photograph. */
export const NEAR = 0.15

/** From coarse to fine: the correlation that each level must reach, and the most steps to reach it. */
const LEVELS = [
  { side: 16, correlation: 0.75, steps: 12 },
  { side: 32, correlation: 0.8, steps: 6 },
  { side: 64, correlation: 0.85, steps: 6 },
] as const
/** The first placements: unchanged, and each image as a crop of the other. */
const STARTS = [1, 0.92, 1.08].map((scale): Placement => ({ scaleX: scale, shiftX: 0, scaleY: scale, shiftY: 0 }))
/** Above this correlation no further step is taken. */
const ENOUGH = 0.999
/** Greatest scale and shift: a crop of somewhat more than 5 % at each edge. */
const FARTHEST = 0.16
/** Detail is the difference of a pixel to the mean of its neighbours, this many on each side. */
const RADIUS = 2
/** Detail is compared in 5 x 5 tiles, in those where one of the two has at least this standard deviation, in grey levels. */
const TILES = 5
const LEAST_DETAIL = 2
/** With fewer tiles of detail the images cannot be compared. */
const LEAST_TILES = 4

/**
 * The distance of two small grey images, uint8 `[64, 64]`: 0 (the same photograph, apart from brightness and contrast) to 2.
 *
 * One is aligned with the other by shift and scale along both axes, from coarse to fine. Where they overlap, their detail is
 * compared, since similar scenes share light and shade but not edges: 1 - the mean over the tiles of the correlation of each
 * pixel's difference to the mean of the 5 x 5 around it, so that one strong outline that both share does not outweigh
 * everything else. Infinity for images whose light and shade differ, and for images without detail.
 */
export function distanceOf(a: Uint8Array, b: Uint8Array): number {
  const placement = align(pyramidOf(a), pyramidOf(b))
  if (!placement) return Number.POSITIVE_INFINITY
  const first = detailOf(resample({ side: THUMBNAIL, values: a }, placement))
  const second = detailOf(Float64Array.from(b))
  const correlations = TILE_PLACES.flatMap((places) => {
    const { deviation, correlation } = compare(first, second, places)
    return deviation >= LEAST_DETAIL ? [Number.isNaN(correlation) ? 0 : correlation] : [] // flat in one of the two: 0
  })
  if (correlations.length < LEAST_TILES) return Number.POSITIVE_INFINITY
  return 1 - correlations.reduce((sum, each) => sum + each, 0) / correlations.length
}

/** The mirror image of a small grey image `[64, 64]`. */
export function mirrorOf(grey: Uint8Array): Uint8Array {
  return grey.map((_, place) => grey[place - 2 * (place % THUMBNAIL) + THUMBNAIL - 1] as number)
}

/** Aligns b with a; undefined where they differ too much. */
function align(a: readonly Grey[], b: readonly Grey[]): Placement | undefined {
  let starts: readonly Placement[] = STARTS
  for (const [level, { correlation, steps }] of LEVELS.entries()) {
    const ways = starts.map((placement) => climb(a[level] as Grey, b[level] as Grey, { placement, steps }))
    const best = ways.reduce((most, way) => (way.correlation > most.correlation ? way : most))
    if (!(best.correlation >= correlation)) return undefined
    starts = [best.placement]
  }
  return starts[0]
}

function climb(a: Grey, b: Grey, { placement, steps }: { placement: Placement; steps: number }) {
  const places = Array.from(b.values, (_, place) => place)
  const at = (place: Placement) => ({ placement: place, ...compare(resample(a, place), b.values, places) })
  let best = at(placement)
  for (let step = 0; step < steps && best.correlation < ENOUGH; step++) {
    const next = improve(a, b, best.placement)
    if (!next || !isCut(next)) break
    const there = at(next)
    if (!(there.correlation > best.correlation)) break
    best = there
  }
  return best
}

function isCut({ scaleX, shiftX, scaleY, shiftY }: Placement): boolean {
  return [scaleX - 1, shiftX, scaleY - 1, shiftY].every((value) => Math.abs(value) < FARTHEST)
}

/** The image on each level; a coarser pixel is the mean of four. */
function pyramidOf(grey: Uint8Array): Grey[] {
  const fine = { side: THUMBNAIL, values: grey }
  const middle = halved(fine)
  return [halved(middle), middle, fine]
}

function halved({ side, values }: Grey): Grey {
  const half = side / 2
  const means = Float64Array.from({ length: half * half }, (_, place) => {
    const corner = Math.floor(place / half) * 2 * side + (place % half) * 2
    return [corner, corner + 1, corner + side, corner + side + 1].reduce((sum, at) => sum + Number(values[at]), 0) / 4
  })
  return { side: half, values: means }
}

/** The difference of each pixel to the mean around it, `[64, 64]`; NaN at the edges and next to NaN. */
function detailOf(values: Float64Array): Float64Array {
  const across = sumsOf(values, 1)
  const around = sumsOf(across, THUMBNAIL)
  return values.map((value, at) => value - (around[at] as number) / (2 * RADIUS + 1) ** 2)
}

/** The sum of each value and its neighbours along an axis, `step` places apart; NaN at its ends. */
function sumsOf(values: Float64Array, step: number): Float64Array {
  return values.map((_, at) => {
    const along = Math.floor(at / step) % THUMBNAIL
    if (along < RADIUS || along >= THUMBNAIL - RADIUS) return Number.NaN
    let sum = 0
    for (let offset = -RADIUS; offset <= RADIUS; offset++) sum += values[at + offset * step] as number
    return sum
  })
}

/** The places of the pixels of each tile, without the edges. */
const TILE_PLACES = Array.from({ length: TILES * TILES }, (_, tile) => {
  const side = (THUMBNAIL - 2 * RADIUS) / TILES
  const corner = (RADIUS + Math.floor(tile / TILES) * side) * THUMBNAIL + RADIUS + (tile % TILES) * side
  return Array.from({ length: side * side }, (_, at) => corner + Math.floor(at / side) * THUMBNAIL + (at % side))
})

/**
 * Pearson's correlation over the places where both are numbers, NaN where one is flat there; and the larger of the two
 * standard deviations, 0 where fewer than half of the places are left.
 */
function compare(a: ArrayLike<number>, b: ArrayLike<number>, places: readonly number[]) {
  let [count, sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0, 0]
  for (const at of places) {
    const [valueA, valueB] = [a[at] as number, b[at] as number]
    if (Number.isNaN(valueA + valueB)) continue
    count++
    sumA += valueA
    sumB += valueB
    sumAA += valueA * valueA
    sumBB += valueB * valueB
    sumAB += valueA * valueB
  }
  const varianceA = Math.max(sumAA - (sumA * sumA) / count, 0)
  const varianceB = Math.max(sumBB - (sumB * sumB) / count, 0)
  return {
    deviation: 2 * count < places.length ? 0 : Math.sqrt(Math.max(varianceA, varianceB) / count),
    correlation: (sumAB - (sumA * sumB) / count) / Math.sqrt(varianceA * varianceB),
  }
}
