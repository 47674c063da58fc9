import { integer, type Rng, uniform } from '../../core/random.ts'
import { clamp, mix, smoothstep } from './geometry.ts'

/** Red, green, blue in [0, 1]. */
export type Color = readonly [number, number, number]

/** What a layer is painted with: `base`, and `mark` where the pattern says so. */
export interface Fill {
  readonly base: Color
  readonly mark: Color
  readonly pattern: Pattern
  readonly seed: number
}

export type Pattern = 'plain' | 'patches' | 'stripes' | 'spots' | 'belly'

/** The colours of coats; every species may have every one, so that a colour says nothing. */
export const COATS: readonly Color[] = [
  [0.42, 0.4, 0.44],
  [0.64, 0.63, 0.65],
  [0.96, 0.94, 0.9],
  [0.93, 0.82, 0.62],
  [0.92, 0.6, 0.28],
  [0.74, 0.47, 0.28],
  [0.56, 0.38, 0.27],
]

const PATTERNS: readonly Pattern[] = ['plain', 'plain', 'patches', 'stripes', 'spots', 'belly']

/** One colour everywhere. */
export function plain(color: Color): Fill {
  return { base: color, mark: color, pattern: 'plain', seed: 0 }
}

/** A coat by chance: two colours well apart, and a pattern. */
export function drawCoat(rng: Rng): Fill {
  const base = pick(rng, COATS)
  const others = COATS.filter((color) => Math.abs(luminance(color) - luminance(base)) > 0.13)
  const mark = blended(base, pick(rng, others), 0.6)
  return { base, mark, pattern: pick(rng, PATTERNS), seed: integer(rng, 0, 1e6) }
}

/** A colour between two. */
export function blended(from: Color, to: Color, share: number): Color {
  return [mix(from[0], to[0], share), mix(from[1], to[1], share), mix(from[2], to[2], share)]
}

export function pick<T>(rng: Rng, items: readonly T[]): T {
  return items[integer(rng, 0, items.length - 1)] as T
}

export function luminance([red, green, blue]: Color): number {
  return 0.3 * red + 0.59 * green + 0.11 * blue
}

/** The colour, lighter (above 1) or darker. */
export function shaded([red, green, blue]: Color, by: number): Color {
  return [clamp(red * by, 0, 1), clamp(green * by, 0, 1), clamp(blue * by, 0, 1)]
}

/** A colour near another one. */
export function near(rng: Rng, [red, green, blue]: Color, spread: number): Color {
  const vary = (value: number) => clamp(value + uniform(rng, -spread, spread), 0, 1)
  return [vary(red), vary(green), vary(blue)]
}

/** How much of the mark's colour stands at a place of the body, in [0, 1]. */
export function markAt(fill: Fill, x: number, y: number): number {
  return MARKS[fill.pattern](x, y, fill.seed)
}

const MARKS: { readonly [P in Pattern]: (x: number, y: number, seed: number) => number } = {
  plain: () => 0,
  patches: (x, y, seed) => smoothstep(0.52, 0.58, smoothNoise(x * 1.5, y * 1.5, seed)),
  stripes: (x, y, seed) => smoothstep(0.6, 0.78, wave(x * 2.6 + smoothNoise(x * 2, y * 2, seed))),
  spots: (x, y, seed) => smoothstep(0.66, 0.72, smoothNoise(x * 5, y * 5, seed)),
  belly: (_x, y) => smoothstep(-0.75, -0.35, y),
}

/** A wave of period 1 between 0 and 1, of straight flanks. */
export function wave(at: number): number {
  const phase = at - Math.floor(at)
  return phase < 0.5 ? 2 * phase : 2 - 2 * phase
}

/** Noise in [0, 1) at two finenesses, the finer one turned so that no lattice shows. */
export function cloudNoise(x: number, y: number, seed: number): number {
  return 0.65 * smoothNoise(x, y, seed) + 0.35 * smoothNoise(x * 1.3 + y * 1.7 + 9, y * 1.3 - x * 1.7, seed)
}

/** Noise in [0, 1) that changes over a distance of about 1: random numbers on a lattice, smoothly between. */
export function smoothNoise(x: number, y: number, seed: number): number {
  const column = Math.floor(x)
  const row = Math.floor(y)
  const u = x - column
  const v = y - row
  const s = u * u * (3 - 2 * u)
  const t = v * v * (3 - 2 * v)
  const top = lattice(column, row, seed) * (1 - s) + lattice(column + 1, row, seed) * s
  const bottom = lattice(column, row + 1, seed) * (1 - s) + lattice(column + 1, row + 1, seed) * s
  return top * (1 - t) + bottom * t
}

function lattice(column: number, row: number, seed: number): number {
  let hash = Math.imul(column, 0x27d4eb2d) ^ Math.imul(row, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1)
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
