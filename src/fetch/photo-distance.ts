import type { Certainty } from '../dataset/pairs.ts'
import { type Grey, improve, type Placement, resample } from './align.ts'
import { THUMBNAIL } from './fingerprint.ts'

/** Images up to this distance show the same photograph. */
export const NEAR = 0.15
/** Tiles that correlate at least this much show the same: forms with other numbers reach 0.77 in the worst tile, bottles with other labels 0.88. */
const CERTAIN = 0.9

/** From coarse to fine: the correlation that each level must reach, and the most steps to reach it. */
const LEVELS = [
  { side: 16, correlation: 0.75, steps: 12 },
  { side: 32, correlation: 0.8, steps: 6 },
  { side: 64, correlation: 0.85, steps: 6 },
] as const
/** Above this correlation no further step is taken. */
const ENOUGH = 0.999
/** A step that gains no more than this is the last. */
const LEAST_GAIN = 0.0005
/** Greatest change of scale and shift (a crop of a good tenth at each edge), and of direction. */
const FARTHEST = 0.32
const MOST_TURNED = 0.12
/** Detail is the difference of a pixel to the mean of its neighbours, this many on each side. */
const RADIUS = 2
/** Detail is compared in 5 x 5 tiles, in those where one of the two has at least this standard deviation, in grey levels. */
const TILES = 5
const LEAST_DETAIL = 2
/** With fewer tiles of detail the images cannot be compared. */
const LEAST_TILES = 4

/** How alike two images are. */
export interface Likeness {
  /** 0 (the same photograph, apart from brightness and contrast) to 2; infinity where they cannot be compared. */
  readonly distance: number
  /** `certain`: every tile shows the same, so that not even a number or a label differs. */
  readonly certainty: Certainty
}

/**
 * Compares two small grey images, uint8 `[64, 64]`.
 *
 * b is aligned with a part of a by an affine map, from coarse to fine. Where they overlap, their detail is compared, since
 * similar scenes share light and shade but not edges. The distance is 1 - the mean over the tiles of the correlation of each
 * pixel's difference to the mean of the 5 x 5 around it, so that one strong outline that both share does not outweigh
 * everything else. Infinity for images whose light and shade differ, and for images without detail.
 *
 * @param start roughly where b is in a
 */
export function likenessOf(a: Uint8Array, b: Uint8Array, start: Placement): Likeness {
  const placement = align(pyramidOf(a), pyramidOf(b), start)
  if (!placement) return UNLIKE
  const first = detailOf(resample({ side: THUMBNAIL, values: a }, placement))
  const second = detailOf(Float64Array.from(b))
  const correlations = TILE_PLACES.flatMap((places) => {
    const { deviation, correlation } = compare(first, second, places)
    return deviation >= LEAST_DETAIL ? [Number.isNaN(correlation) ? 0 : correlation] : [] // flat in one of the two: 0
  })
  if (correlations.length < LEAST_TILES) return UNLIKE
  const mean = correlations.reduce((sum, each) => sum + each, 0) / correlations.length
  const isCertain = correlations.every((each) => each >= CERTAIN)
  return { distance: 1 - mean, certainty: isCertain ? 'certain' : 'likely' }
}

const UNLIKE: Likeness = { distance: Number.POSITIVE_INFINITY, certainty: 'likely' }

/** The mirror image of a small grey image `[64, 64]`. */
export function mirrorOf(grey: Uint8Array): Uint8Array {
  return grey.map((_, place) => grey[place - 2 * (place % THUMBNAIL) + THUMBNAIL - 1] as number)
}

/** The places of all pixels, by side. */
const PLACES: Readonly<Record<number, Uint16Array>> = Object.fromEntries(
  LEVELS.map(({ side }) => [side, Uint16Array.from({ length: side * side }, (_, place) => place)]),
)

/** Aligns b with a; undefined where they differ too much. */
function align(a: readonly Grey[], b: readonly Grey[], start: Placement): Placement | undefined {
  let placement = start
  for (const [level, { correlation, steps }] of LEVELS.entries()) {
    const best = climb(a[level] as Grey, b[level] as Grey, { placement, steps })
    if (!(best.correlation >= correlation)) return undefined
    placement = best.placement
  }
  return placement
}

function climb(a: Grey, b: Grey, { placement, steps }: { placement: Placement; steps: number }) {
  const at = (place: Placement) => ({
    placement: place,
    ...compare(resample(a, place), b.values, PLACES[b.side] ?? []),
  })
  let best = at(placement)
  for (let step = 0; step < steps && best.correlation < ENOUGH; step++) {
    const next = improve(a, b, best.placement)
    if (!next || !isCut(next)) break
    const there = at(next)
    const gain = there.correlation - best.correlation
    if (gain > 0) best = there
    if (!(gain > LEAST_GAIN)) break
  }
  return best
}

function isCut({ xx, xy, x, yx, yy, y }: Placement): boolean {
  const isNear = [xx - 1, x, yy - 1, y].every((value) => Math.abs(value) < FARTHEST)
  return isNear && Math.abs(xy) < MOST_TURNED && Math.abs(yx) < MOST_TURNED
}

/** The image on each level; a coarser pixel is the mean of four. */
function pyramidOf(grey: Uint8Array): Grey[] {
  const fine = { side: THUMBNAIL, values: grey }
  const middle = halved(fine)
  return [halved(middle), middle, fine]
}

function halved({ side, values }: Grey): Grey {
  const half = side / 2
  const means = new Float64Array(half * half)
  for (let y = 0, place = 0; y < side; y += 2) {
    for (let at = y * side; at < (y + 1) * side; at += 2, place++) {
      const above = (values[at] as number) + (values[at + 1] as number)
      means[place] = (above + (values[at + side] as number) + (values[at + side + 1] as number)) / 4
    }
  }
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
function compare(a: ArrayLike<number>, b: ArrayLike<number>, places: ArrayLike<number>) {
  let [count, sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0, 0]
  for (let place = 0; place < places.length; place++) {
    const at = places[place] as number
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
