import { integer, type Rng, uniform } from '../../core/random.ts'
import { paintBackdrop } from './backdrop.ts'
import { blankCanvas, type Canvas, type Light, paintLayer } from './canvas.ts'
import { CAT_POSES } from './cat.ts'
import { drawClutter, drawFront } from './clutter.ts'
import { pick } from './coat.ts'
import { DOG_POSES } from './dog.ts'
import { exposed } from './finish.ts'
import { cosine, inverse, type Similarity, similarity, sine } from './geometry.ts'
import { HORSE_POSES } from './horse.ts'
import { boxAround, type Layer, movedLayers } from './layers.ts'
import { drawLook, type Pose } from './look.ts'

export type SampleLabel = 'cat' | 'dog' | 'horse'

export const SAMPLE_LABELS: readonly SampleLabel[] = ['cat', 'dog', 'horse']

/** How hard a picture is to read. Ranges are [least, most]. */
export interface Difficulty {
  /** The animal's longer side as a part of the picture's. */
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
  plain: { extent: [0.6, 1], rotation: 0.22, things: [0, 3], front: 0.35, brightness: [0.7, 1.12], noise: 0.06 },
  hard: { extent: [0.55, 0.9], rotation: 0.3, things: [2, 5], front: 0.6, brightness: [0.55, 0.95], noise: 0.09 },
}

const POSES: Readonly<Record<SampleLabel, readonly Pose[]>> = {
  cat: CAT_POSES,
  dog: DOG_POSES,
  horse: HORSE_POSES,
}

/**
 * One picture `[S, S, 3]` uint8 RGB of an animal.
 *
 * Coat, backdrop, clutter, place, turn and light are drawn alike for every label, so that shape alone tells the animals
 * apart. Only + - * / and square roots are used, which every machine computes to the same bit.
 */
export function drawPicture(label: SampleLabel, rng: Rng, size: number, difficulty: DifficultyName): Uint8Array {
  const hardness = DIFFICULTIES[difficulty]
  const canvas = blankCanvas(size)
  const light = drawLight(rng)
  const scene = similarity(0, 0, size)
  paintBackdrop(canvas, rng)
  paint(canvas, drawClutter(rng, integer(rng, ...hardness.things)), scene, light)
  const animal = pick(rng, POSES[label])(rng, drawLook(rng))
  paint(canvas, animal, drawPlace(rng, animal, size, hardness), light)
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

/** Where the animal goes: so large, so turned, mirrored or not, and inside the picture but for a little of its edge. */
function drawPlace(rng: Rng, animal: readonly Layer[], size: number, { extent, rotation }: Difficulty): Similarity {
  const angle = uniform(rng, -rotation, rotation)
  const mirrored = rng() < 0.5
  const turned = boxAround(movedLayers(animal, similarity(0, 0, 1, angle, mirrored)))
  const width = turned.right - turned.left
  const height = turned.bottom - turned.top
  const scale = (uniform(rng, ...extent) * size) / Math.max(width, height)
  const spill = 0.03 * size
  const left = uniform(rng, -spill, size + spill - width * scale)
  const top = uniform(rng, -spill, size + spill - height * scale)
  return similarity(left - turned.left * scale, top - turned.top * scale, scale, angle, mirrored)
}
