import { integer, type Rng, uniform } from '../../core/random.ts'
import type { Canvas } from './canvas.ts'
import { type Color, cloudNoise, near, pick, smoothNoise, wave } from './coat.ts'
import { clamp, mix, smoothstep } from './geometry.ts'

/** What stands behind everything: two regions, each from one colour to another, with texture and stripes on top. */
interface Backdrop {
  /** Where the lower region begins, from 0 (top) to 1 (there is none). */
  readonly horizon: number
  /** How hilly the horizon is. */
  readonly hills: number
  readonly above: readonly [Color, Color]
  readonly below: readonly [Color, Color]
  /** The texture's strength and fineness. */
  readonly texture: number
  readonly grain: number
  /** The stripes' strength, and how many there are from left to right and from top to bottom. */
  readonly stripes: number
  readonly across: number
  readonly down: number
}

const SKY: Color = [0.14, 0.24, 0.42]
const HAZE: Color = [0.26, 0.34, 0.46]
const GRASS: Color = [0.16, 0.3, 0.14]
const EARTH: Color = [0.3, 0.22, 0.16]
const WALLS: readonly Color[] = [
  [0.14, 0.24, 0.26],
  [0.3, 0.16, 0.18],
  [0.18, 0.17, 0.32],
  [0.26, 0.24, 0.14],
  [0.2, 0.2, 0.22],
]
const FLAT = { horizon: 1, hills: 0, texture: 0.05, grain: 6, stripes: 0, across: 0, down: 0 }

const KINDS: readonly ((rng: Rng) => Backdrop)[] = [
  function gradient(rng) {
    const [top, bottom] = [near(rng, pick(rng, WALLS), 0.07), near(rng, pick(rng, WALLS), 0.07)]
    return { ...FLAT, above: [top, bottom], below: [top, bottom] }
  },
  function meadow(rng) {
    const ground = near(rng, rng() < 0.7 ? GRASS : EARTH, 0.12)
    return {
      ...FLAT,
      horizon: uniform(rng, 0.25, 0.65),
      hills: 0.12,
      above: [near(rng, SKY, 0.1), near(rng, HAZE, 0.1)],
      below: [ground, near(rng, ground, 0.12)],
      texture: 0.12,
      grain: uniform(rng, 8, 30),
    }
  },
  function sky(rng) {
    const [top, bottom] = [near(rng, SKY, 0.1), near(rng, HAZE, 0.1)]
    return { ...FLAT, above: [top, bottom], below: [top, bottom], texture: 0.15, grain: uniform(rng, 2, 5) }
  },
  function room(rng) {
    return {
      ...FLAT,
      horizon: uniform(rng, 0.45, 0.75),
      above: [near(rng, pick(rng, WALLS), 0.07), near(rng, pick(rng, WALLS), 0.07)],
      below: [near(rng, EARTH, 0.1), near(rng, EARTH, 0.1)],
      stripes: rng() < 0.5 ? 0.05 : 0,
      across: integer(rng, 3, 9),
    }
  },
  function blotches(rng) {
    const color = near(rng, pick(rng, WALLS), 0.1)
    return { ...FLAT, above: [color, color], below: [color, color], texture: 0.12, grain: uniform(rng, 3, 9) }
  },
  function stripes(rng) {
    const color = near(rng, pick(rng, WALLS), 0.1)
    const [across, down] = [uniform(rng, -7, 7), uniform(rng, -7, 7)]
    return { ...FLAT, above: [color, color], below: [color, color], stripes: uniform(rng, 0.03, 0.07), across, down }
  },
]

/** Paints a backdrop by chance over the whole canvas. */
export function paintBackdrop({ pixels, size }: Canvas, rng: Rng): void {
  const backdrop = pick(rng, KINDS)(rng)
  const seed = integer(rng, 0, 1e6)
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const x = (column + 0.5) / size
      const y = (row + 0.5) / size
      const horizon = backdrop.horizon + backdrop.hills * (smoothNoise(x * 3, 0, seed + 1) - 0.5)
      const [from, to] = y < horizon ? backdrop.above : backdrop.below
      const share = y < horizon ? y / horizon : (y - horizon) / (1 - horizon)
      const texture = backdrop.texture * (cloudNoise(x * backdrop.grain, y * backdrop.grain, seed) - 0.5)
      const stripe = smoothstep(0.4, 0.6, wave(x * backdrop.across + y * backdrop.down)) * backdrop.stripes
      const at = (row * size + column) * 3
      pixels[at] = clamp(mix(from[0], to[0], share) + texture - stripe, 0, 1)
      pixels[at + 1] = clamp(mix(from[1], to[1], share) + texture - stripe, 0, 1)
      pixels[at + 2] = clamp(mix(from[2], to[2], share) + texture - stripe, 0, 1)
    }
  }
}
