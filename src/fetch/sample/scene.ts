import { integer, type Rng, uniform } from '../../core/random.ts'
import { type Animal, drawAnimal } from './animal.ts'
import { BLACK, blend, clamp, near, noise, pick, rgb, smoothstep } from './color.ts'
import {
  ball,
  boxOf,
  type Canvas,
  detail,
  type Layer,
  type Limb,
  limb,
  type Place,
  paintLayer,
  placed,
} from './drawing.ts'

export type SampleSet = 'train' | 'test'

/** How many things lie about, at least and at most, and how dark and how bright the images are: harder for the test. */
const SETS = {
  train: { fewest: 0, most: 2, darkest: 0.85, brightest: 1.15 },
  test: { fewest: 1, most: 3, darkest: 0.75, brightest: 1.05 },
}

const SKY = rgb(0x294270)
const GRASS = rgb(0x294d24)
const EARTH = rgb(0x4d3829)
const WALLS = [0x243d42, 0x4d292e, 0x2e2b52, 0x423d24, 0x333338].map(rgb) // teal red violet olive grey
const TOYS = [0x29579e, 0x998029, 0x734080, 0x294d24, 0x4d3829].map(rgb) // blue yellow purple green brown

const THINGS: readonly ((x: number, y: number, radius: number) => Limb)[] = [
  (x, y, r) => ball(x, y, r),
  (x, y, r) => limb([x, y, r], [x + r, y + r * 0.2, r * 0.8]), // stone
  (x, y, r) => limb([x, y - r * 6, r * 0.3], [x, y, r * 0.3]), // post
  (x, y, r) => limb([x - r, y, r], [x + r, y, r]), // log
]

/**
 * Draws one image of an animal, `[S, S, 3]` uint8 RGB.
 *
 * Everything but the animal's shape is drawn alike for every species, so that shape alone tells them apart. Only + - * / and
 * square roots are used, which every machine rounds alike; Math.sin, Math.pow and their kind differ in their last bits.
 */
export function drawScene(animal: Animal, set: SampleSet, size: number, rng: Rng): Uint8Array {
  const { fewest, most, darkest, brightest } = SETS[set]
  const canvas = { size, pixels: new Float32Array(size * size * 3) }
  const paint = (layers: readonly Layer[], place: Place = { scale: size }) => {
    for (const layer of placed(layers, place)) paintLayer(canvas, layer)
  }
  const things = Array.from({ length: integer(rng, fewest, most) }, () => drawThing(rng))
  const inFront = rng() < 0.25 ? 1 : 0
  paintBackdrop(canvas, rng)
  paint(things.slice(inFront))
  const layers = drawAnimal(animal, rng)
  paint([shadow(layers), ...layers], drawPlace(rng, layers, size))
  paint(things.slice(0, inFront))
  return expose(canvas, uniform(rng, darkest, brightest), uniform(rng, -0.3, 0.3))
}

/** Sky over a hilly meadow, or a wall, plain or striped, with or without a floor. */
function paintBackdrop({ pixels, size }: Canvas, rng: Rng): void {
  const outdoors = rng() < 0.5
  const ground = near(rng, outdoors ? GRASS : EARTH, 0.14)
  const above = near(rng, outdoors ? SKY : pick(rng, WALLS), 0.12)
  const middle = near(rng, above, 0.12)
  const level = rng() < 0.7 ? uniform(rng, 0.3, 0.75) : 1.2
  const stripes = outdoors ? 0 : uniform(rng, -0.07, 0.07)
  const [across, down, fineness] = [uniform(rng, -20, 20), uniform(rng, -20, 20), uniform(rng, 2, 20)]
  const seed = integer(rng, 0, 1e6)
  for (let at = 0; at < size * size; at++) {
    const [x, y] = [(at % size) / size, Math.floor(at / size) / size]
    const horizon = level + (outdoors ? 0.15 * noise(x * 3, 0, seed) : 0)
    const color = y < horizon ? blend(above, middle, y / horizon) : ground
    const stripe = y < horizon ? stripes * smoothstep(0.4, 0.6, noise(x * across + y * down, 0, seed)) : 0
    const texture = 0.1 * (noise((x + y) * fineness, (x - y) * fineness, seed) - 0.5)
    color.forEach((value, channel) => {
      pixels[at * 3 + channel] = value + stripe + texture
    })
  }
}

function drawThing(rng: Rng): Layer {
  const shape = pick(rng, THINGS)(rng(), uniform(rng, 0.6, 1), uniform(rng, 0.03, 0.06))
  return detail(near(rng, pick(rng, TOYS), 0.1), shape)
}

function shadow(animal: readonly Layer[]): Layer {
  const { left, right, bottom } = boxOf(animal)
  return { ...detail(BLACK, limb([left + 0.3, bottom, 0.1], [right - 0.3, bottom, 0.1])), opacity: 0.35 }
}

/** A random size, turn and place, in pixels; portraits are cut by the lower edge. */
function drawPlace(rng: Rng, animal: readonly Layer[], size: number): Place {
  const pose = { turn: uniform(rng, -0.14, 0.14), mirrored: rng() < 0.5 }
  const { left, top, right, bottom } = boxOf(placed(animal, pose))
  const [width, height] = [right - left, bottom - top]
  const scale = (size * uniform(rng, 0.8, 1)) / Math.max(width, height)
  const x = uniform(rng, 0, size - width * scale)
  const y = bottom > 0.5 ? size - height * scale * 0.85 : uniform(rng, 0, size - height * scale)
  return { x: x - left * scale, y: y - top * scale, scale, ...pose }
}

/** Bytes, under a light that falls off to one side. */
function expose({ size, pixels }: Canvas, brightness: number, falloff: number): Uint8Array {
  const exposed = pixels.map((value, at) => {
    const light = brightness * (1 + falloff * ((Math.floor(at / 3) % size) / size - 0.5))
    return clamp(value * light, 0, 1) * 255 + 0.5
  })
  return Uint8Array.from(exposed) // rounds down
}
