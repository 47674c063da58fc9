import { integer, type Rng, uniform } from '../../core/random.ts'
import { type Color, near, pick, plain } from './coat.ts'
import type { Layer } from './layers.ts'
import { limb, oval, type Shape } from './shapes.ts'

const GREENS: Color = [0.2, 0.36, 0.16]
const STONE: Color = [0.34, 0.33, 0.33]
const WOOD: Color = [0.36, 0.25, 0.16]
const TOYS: readonly Color[] = [
  [0.16, 0.34, 0.62],
  [0.6, 0.5, 0.16],
  [0.45, 0.25, 0.5],
]

type Thing = (rng: Rng, x: number, y: number) => Layer

const THINGS: readonly Thing[] = [bush, stones, ball, post]

/** Things that stand about, in parts of the image's side (0 to 1 from left to right and from top to bottom). */
export function drawClutter(rng: Rng, count: number): Layer[] {
  return Array.from({ length: count }, () => pick(rng, THINGS)(rng, uniform(rng, 0, 1), uniform(rng, 0.45, 1)))
}

/** What stands in front of the animal: grass along the lower edge, or a rail, or a thing in a lower corner. */
export function drawFront(rng: Rng): Layer[] {
  const kind = rng()
  if (kind < 0.4) return [grass(rng)]
  if (kind < 0.6) return [rail(rng)]
  const left = rng() < 0.5
  return [pick(rng, THINGS)(rng, left ? uniform(rng, 0, 0.15) : uniform(rng, 0.85, 1), uniform(rng, 0.9, 1.05))]
}

function thing(color: Color, shapes: readonly Shape[], round: number): Layer {
  return { shapes, fill: plain(color), blend: 0.01, round, light: 1, opacity: 1 }
}

function bush(rng: Rng, x: number, y: number): Layer {
  const size = uniform(rng, 0.05, 0.11)
  const leaves = Array.from({ length: 6 }, () => {
    const [dx, dy] = [uniform(rng, -size, size), uniform(rng, -size, size * 0.4)]
    return oval(x + dx, y + dy, size * uniform(rng, 0.5, 0.8), size * uniform(rng, 0.4, 0.7))
  })
  return thing(near(rng, GREENS, 0.1), leaves, 0.05)
}

function stones(rng: Rng, x: number, y: number): Layer {
  const pile = Array.from({ length: integer(rng, 1, 3) }, (_, index) => {
    const radius = uniform(rng, 0.03, 0.08)
    return oval(x + index * 0.09, y + uniform(rng, 0, 0.04), radius, radius * 0.7, uniform(rng, -0.4, 0.4))
  })
  return thing(near(rng, STONE, 0.1), pile, 0.04)
}

function ball(rng: Rng, x: number, y: number): Layer {
  const radius = uniform(rng, 0.035, 0.08)
  return thing(near(rng, pick(rng, TOYS), 0.1), [oval(x, y, radius, radius)], 0.06)
}

function post(rng: Rng, x: number, y: number): Layer {
  const width = uniform(rng, 0.012, 0.03)
  return thing(near(rng, WOOD, 0.12), limb([x, y - uniform(rng, 0.15, 0.5), width], [x, y, width]), 0.03)
}

function grass(rng: Rng): Layer {
  const height = uniform(rng, 0.05, 0.12)
  const blades = Array.from({ length: 40 }, () => {
    const x = uniform(rng, -0.02, 1.02)
    return limb([x, 1.02, 0.012], [x + uniform(rng, -0.04, 0.04), 1 - height * uniform(rng, 0.4, 1), 0.002])
  }).flat()
  return { ...thing(near(rng, GREENS, 0.12), blades, 0.01), blend: 0 }
}

function rail(rng: Rng): Layer {
  const y = uniform(rng, 0.72, 0.95)
  const width = uniform(rng, 0.01, 0.02)
  return thing(near(rng, WOOD, 0.12), limb([-0.1, y, width], [1.1, y + uniform(rng, -0.06, 0.06), width]), 0.02)
}
