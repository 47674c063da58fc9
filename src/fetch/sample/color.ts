import { integer, type Rng, uniform } from '../../core/random.ts'

/** Red, green, blue in [0, 1]. */
export type Color = readonly [red: number, green: number, blue: number]

/** The colour at a point, in units of the drawing. */
export type Paint = (x: number, y: number) => Color

export const BLACK = rgb(0x120f12)
export const WHITE = rgb(0xf7f7f2)

/** A colour written as on the web: 0xff0000 is red. */
export function rgb(hex: number): Color {
  return [(hex >> 16) / 255, ((hex >> 8) & 255) / 255, (hex & 255) / 255]
}

export function plain(color: Color): Paint {
  return () => color
}

/** The colour `share` of the way from one to the other. */
export function blend(from: Color, to: Color, share: number): Color {
  return [mix(from[0], to[0], share), mix(from[1], to[1], share), mix(from[2], to[2], share)]
}

/** A random colour near another one. */
export function near(rng: Rng, [red, green, blue]: Color, spread: number): Color {
  const vary = (value: number) => clamp(value + uniform(rng, -spread, spread), 0, 1)
  return [vary(red), vary(green), vary(blue)]
}

export function pick<T>(rng: Rng, items: readonly T[]): T {
  return items[integer(rng, 0, items.length - 1)] as T
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}

export function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share
}

/** 0 up to `low`, 1 from `high` on, a smooth S between. */
export function smoothstep(low: number, high: number, value: number): number {
  const share = clamp((value - low) / (high - low), 0, 1)
  return share * share * (3 - 2 * share)
}

/** Value noise in [0, 1): random numbers on a lattice of width 1, smooth in between. */
export function noise(x: number, y: number, seed: number): number {
  const column = Math.floor(x)
  const row = Math.floor(y)
  const across = smoothstep(0, 1, x - column)
  const top = mix(hash(column, row, seed), hash(column + 1, row, seed), across)
  const bottom = mix(hash(column, row + 1, seed), hash(column + 1, row + 1, seed), across)
  return mix(top, bottom, smoothstep(0, 1, y - row))
}

/** A number in [0, 1) for three integers. The mixing is MurmurHash3's finalizer. */
function hash(column: number, row: number, seed: number): number {
  let bits = Math.imul(column, 0x27d4eb2d) ^ Math.imul(row, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1)
  bits = Math.imul(bits ^ (bits >>> 15), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32
}
