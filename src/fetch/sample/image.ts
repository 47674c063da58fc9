import { integer, type Rng, uniform } from '../../core/random.ts'
import { paintBackdrop } from './backdrop.ts'
import { blankCanvas, type Canvas, type Light, paintLayer } from './canvas.ts'
import { CAT } from './cat.ts'
import { drawClutter, drawFront } from './clutter.ts'
import { pick } from './coat.ts'
import { DOG } from './dog.ts'
import { exposed } from './finish.ts'
import { cosine, inverse, type Similarity, similarity, sine } from './geometry.ts'
import { HORSE } from './horse.ts'
import { boxAround, detail, type Layer, movedLayers } from './layers.ts'
import { BLACK, drawLook, type Species } from './look.ts'
import { oval } from './shapes.ts'

export type SampleLabel = 'cat' | 'dog' | 'horse'

export const SAMPLE_LABELS: readonly SampleLabel[] = ['cat', 'dog', 'horse']

/** How hard an image is to read. Ranges are [least, most]. */
export interface Difficulty {
  /** The animal's longer side as a part of the image's. */
  readonly extent: readonly [number, number]
  /** The greatest turn to either side, in radians. */
  readonly rotation: number
  /** Things behind the animal. */
  readonly things: readonly [number, number]
  /** How often something stands in front. */
  readonly front: number
  readonly brightness: readonly [number, number]
  readonly noise: number
}

export type DifficultyName = 'plain' | 'hard'

export const DIFFICULTIES: Readonly<Record<DifficultyName, Difficulty>> = {
  plain: { extent: [0.68, 0.95], rotation: 0.2, things: [0, 2], front: 0.25, brightness: [0.85, 1.15], noise: 0.03 },
  hard: { extent: [0.75, 0.95], rotation: 0.2, things: [1, 3], front: 0.35, brightness: [0.75, 1], noise: 0.04 },
}

const SPECIES: Readonly<Record<SampleLabel, Species>> = { cat: CAT, dog: DOG, horse: HORSE }

const BUSTS = 0.22 // of all images

/**
 * One image `[S, S, 3]` uint8 RGB of an animal.
 *
 * Coat, backdrop, clutter, place, turn and light are drawn alike for every label, so that shape alone tells the animals
 * apart. Only + - * / and square roots are used, which every machine computes to the same bit.
 */
export function drawImage(label: SampleLabel, rng: Rng, size: number, difficulty: DifficultyName): Uint8Array {
  const hardness = DIFFICULTIES[difficulty]
  const canvas = blankCanvas(size)
  const light = drawLight(rng)
  const scene = similarity(0, 0, size)
  paintBackdrop(canvas, rng)
  paint(canvas, drawClutter(rng, integer(rng, ...hardness.things)), scene, light)
  const isBust = rng() < BUSTS
  const pose = isBust ? SPECIES[label].bust : pick(rng, SPECIES[label].whole)
  const animal = pose(rng, drawLook(rng))
  const place = drawPlace(rng, animal, size, hardness, isBust)
  paint(canvas, isBust ? animal : [shadow(animal), ...animal], place, light)
  if (rng() < hardness.front) paint(canvas, drawFront(rng), scene, light)
  const brightness = uniform(rng, ...hardness.brightness)
  const exposure = { brightness, falloff: 0.3, blur: uniform(rng, 0, 0.5), noise: uniform(rng, 0, hardness.noise) }
  return exposed(canvas, exposure, rng)
}

function paint(canvas: Canvas, layers: readonly Layer[], place: Similarity, light: Light): void {
  const toBody = inverse(place)
  for (const layer of movedLayers(layers, place)) paintLayer(canvas, layer, toBody, light)
}

/** Light from above, more or less from a side. */
function drawLight(rng: Rng): Light {
  const angle = uniform(rng, -0.9, 0.9)
  return { x: sine(angle), y: -cosine(angle), strength: uniform(rng, 0.15, 0.4) }
}

/** Where the animal goes: so large, so turned, mirrored or not; feet rather low, a bust cut by the lower edge. */
function drawPlace(
  rng: Rng,
  animal: readonly Layer[],
  size: number,
  { extent, rotation }: Difficulty,
  isBust: boolean,
): Similarity {
  const angle = uniform(rng, -rotation, rotation)
  const mirrored = rng() < 0.5
  const box = boxAround(movedLayers(animal, similarity(0, 0, 1, angle, mirrored)))
  const width = box.right - box.left
  const height = box.bottom - box.top
  const scale = ((isBust ? 1.2 : 1) * uniform(rng, ...extent) * size) / Math.max(width, height)
  const left = uniform(rng, 0, size - width * scale)
  const free = size - height * scale
  const top = isBust ? size - height * scale * uniform(rng, 0.78, 0.92) : free * Math.sqrt(rng())
  return similarity(left - box.left * scale, top - box.top * scale, scale, angle, mirrored)
}

/** The dark place under an animal that stands on y = 0. */
function shadow(animal: readonly Layer[]): Layer {
  const { left, right } = boxAround(animal)
  const ground = oval((left + right) / 2, 0, (right - left) * 0.45, 0.12)
  return { ...detail(BLACK, ground), opacity: 0.35 }
}
