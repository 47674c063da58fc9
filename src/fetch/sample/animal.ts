import { integer, type Rng, uniform } from '../../core/random.ts'
import { BLACK, blend, type Color, noise, type Paint, pick, rgb, smoothstep, WHITE } from './color.ts'
import { ball, detail, direction, fur, type Layer, type Limb, limb, placed } from './drawing.ts'

/** What tells one species from another. Lengths are in units of the drawing, from hip to shoulder 1.4; y = 0 is the ground. */
export interface Animal {
  readonly poses: readonly Pose[]
  /** Height of the trunk over the ground, in the middle. */
  readonly height: number
  /** Radius of the trunk and of the feet. */
  readonly trunk: number
  readonly foot: number
  /** Farthest step to the front and to the back. */
  readonly stride: number
  readonly neck: number
  /** Directions of the neck, as `direction` takes them: -1 is straight up, 0 level. */
  readonly rise: readonly [highest: number, lowest: number]
  readonly headSize: number
  /** A head around (0, 0), whose neck comes from (-neckX, -neckY). */
  readonly head: (rng: Rng, look: Look, neckX: number, neckY: number) => Layer[]
  /** A tail from (0, 0) to the left. */
  readonly tail: (rng: Rng, look: Look) => Layer
}

/** Draws an animal that looks to the right. */
export type Pose = (animal: Animal, rng: Rng, look: Look) => Layer[]

export function drawAnimal(animal: Animal, rng: Rng): Layer[] {
  return pick(rng, animal.poses)(animal, rng, drawLook(rng))
}

export function walking(animal: Animal, rng: Rng, look: Look): Layer[] {
  const { height, trunk, foot } = animal
  const stride = uniform(rng, -animal.stride, animal.stride)
  const leg = (x: number, step: number) =>
    limb([x, -height * 0.9, foot * 2], [x + step * 0.5 + 0.05, -height / 2, foot * 1.25], [x + step, -foot, foot])
  const back = limb([-0.75, -height, trunk], [0, 0.05 - height, trunk * 0.95], [0.65, -height, trunk * 1.1])
  const { neck, head } = neckAndHead(animal, rng, look, 0.7, -height)
  return [
    ...placed([animal.tail(rng, look)], { x: -0.95, y: -height }),
    fur(shaded(look.coat), leg(-0.62, stride), leg(0.55, -stride)),
    fur(look.coat, back, neck, leg(-0.84, -stride), leg(0.72, stride)),
    ...head,
  ]
}

export function grazing(animal: Animal, rng: Rng, look: Look): Layer[] {
  return walking({ ...animal, rise: [0.28, 0.42] }, rng, look)
}

export function sitting(animal: Animal, rng: Rng, look: Look): Layer[] {
  const foreleg = (x: number) => limb([x, -0.9, 0.19], [x + 0.08, -0.12, 0.13], [x + 0.2, -0.1, 0.12])
  const { neck, head } = neckAndHead(animal, rng, look, 0.15, -1.1)
  return [
    ...placed([animal.tail(rng, look)], { x: -0.75, y: -0.2 }),
    fur(shaded(look.coat), foreleg(0.48)),
    fur(look.coat, limb([-0.5, -0.45, 0.45], [0.15, -1.1, 0.4]), neck, foreleg(0.28)),
    fur(look.coat, limb([-0.4, -0.4, 0.37], [-0.3, -0.44, 0.37]), limb([-0.3, -0.12, 0.13], [0.12, -0.1, 0.11])),
    ...head,
  ]
}

export function lying(animal: Animal, rng: Rng, look: Look): Layer[] {
  const { neck, head } = neckAndHead(animal, rng, look, 0.5, -0.4)
  return [
    ...placed([animal.tail(rng, look)], { x: -1.1, y: -0.25 }),
    fur(look.coat, limb([-0.8, -0.42, 0.4], [0.5, -0.42, 0.36]), neck),
    fur(look.coat, limb([0.5, -0.14, 0.15], [1.35, -0.1, 0.12]), limb([-0.65, -0.12, 0.13], [-0.1, -0.1, 0.11])),
    ...head,
  ]
}

/** Head and shoulders, down to y = 1. */
export function portrait(animal: Animal, rng: Rng, look: Look): Layer[] {
  const { neck, head } = neckAndHead(animal, rng, look, 0, 0)
  return [fur(look.coat, neck, limb([0, 0, animal.trunk * 1.4], [-0.2, 1.2, animal.trunk * 2.3])), ...head]
}

function neckAndHead(animal: Animal, rng: Rng, look: Look, x: number, y: number): { neck: Limb; head: Layer[] } {
  const { trunk, headSize } = animal
  const [toX, toY] = direction(uniform(rng, ...animal.rise))
  const [neckX, neckY] = [toX * animal.neck, toY * animal.neck]
  const place = { x: x + neckX, y: y + neckY, scale: headSize, turn: uniform(rng, -0.1, 0.1) }
  return {
    neck: limb(
      [x - 0.05, y, trunk * 1.05],
      [x + neckX / 2, y + neckY / 2, trunk * 0.8],
      [place.x, place.y, trunk * 0.6],
    ),
    head: placed(animal.head(rng, look, neckX / headSize, neckY / headSize), place),
  }
}

/** The far side of a coat. */
function shaded(coat: Paint): Paint {
  return (x, y) => blend(BLACK, coat(x, y), 0.7)
}

/** The colours of one animal, drawn alike for every species: colour alone tells nothing. */
export interface Look {
  readonly coat: Paint
  /** Mane, tail hair and hanging ears: another colour than the coat's. */
  readonly accent: Color
  /** Muzzle. */
  readonly pale: Color
}

export const BROWN = rgb(0x4d2b1a) // eyes

const COATS = [0xf5f0e6, 0x8a858f, 0xedd19e, 0xa87048, 0xb8b6bc, 0xeb9947].map(rgb) // white grey cream brown silver ginger

/** How much of the second colour is at a point of the coat, in [0, 1]. */
type Pattern = (x: number, y: number, seed: number) => number

const PATTERNS: readonly Pattern[] = [
  () => 0,
  (x, y, seed) => smoothstep(0.52, 0.58, noise(x * 1.5, y * 1.5, seed)), // patches
  (x, y, seed) => smoothstep(0.66, 0.72, noise(x * 5, y * 5, seed)), // spots
  (x, y, seed) => smoothstep(0.55, 0.65, noise(x * 5, y * 0.7, seed)), // stripes
]

export function drawLook(rng: Rng): Look {
  const base = pick(rng, COATS)
  const others = COATS.filter((color) => color !== base)
  const mark = blend(base, pick(rng, others), 0.6)
  const [pattern, seed] = [pick(rng, PATTERNS), integer(rng, 0, 1e6)]
  const coat: Paint = (x, y) => blend(base, mark, pattern(x, y, seed))
  return { coat, accent: pick(rng, others), pale: blend(base, WHITE, 0.6) }
}

/** An eye with a spark of light; `slit` is the pupil's width as a part of its height. */
export function eye(x: number, y: number, radius: number, iris: Color, slit = 1): Layer[] {
  const pupil = radius * 0.62
  return [
    detail(BLACK, ball(x, y, radius * 1.15)),
    detail(iris, ball(x, y, radius)),
    detail(BLACK, limb([x, y - pupil * (1 - slit), pupil * slit], [x, y + pupil * (1 - slit), pupil * slit])),
    detail(WHITE, ball(x + radius * 0.3, y - radius * 0.35, radius * 0.26)),
  ]
}
