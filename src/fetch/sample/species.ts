import { type Rng, uniform } from '../../core/random.ts'
import { type Animal, BROWN, eye, grazing, type Look, lying, portrait, sitting, walking } from './animal.ts'
import { BLACK, pick, plain, rgb, WHITE } from './color.ts'
import { ball, curve, detail, fur, type Layer, type Limb, limb, placed } from './drawing.ts'

const PINK = rgb(0xf29e9e)
const EYES = [0xf2c733, 0x99d959, 0x80c7f2].map(rgb) // amber green blue

/** Pointed ears, slit pupils, whiskers; a long thin tail. */
export const CAT: Animal = {
  poses: [walking, sitting, lying, portrait],
  height: 0.82,
  trunk: 0.29,
  foot: 0.1,
  stride: 0.3,
  neck: 0.7,
  rise: [-0.7, -0.4],
  headSize: 0.8,
  head: catHead,
  tail: (rng, { coat }) =>
    fur(coat, curve([0, 0, 0.13], [-0.9, 0.1, 0.1], [uniform(rng, -1, -0.3), uniform(rng, -1.2, 0.1), 0.07])),
}

/** Seen from the front, turned a little to a side. */
function catHead(rng: Rng, look: Look): Layer[] {
  const turn = uniform(rng, -0.14, 0.14)
  const tip = uniform(rng, 0.68, 0.92)
  const iris = pick(rng, EYES)
  const ear = (side: number, size: number) =>
    limb([side * 0.58, -0.5, 0.34 * size], [side * tip, -0.55 - 0.85 * size, 0.03])
  const whiskers = [-0.2, 0.04, 0.28].flatMap((rise) =>
    [-1, 1].map((side) => limb([turn + side * 0.32, 0.4, 0.035], [turn + side * 1.45, 0.36 + rise, 0.02])),
  )
  return [
    fur(look.coat, ear(-1, 1), ear(1, 1), ball(0, -0.02, 0.92), limb([-0.5, 0.25, 0.46], [0.5, 0.25, 0.46])),
    detail(PINK, ear(-1, 0.62), ear(1, 0.62)),
    fur(look.coat, limb([-0.18, 0.05, 0.72], [0.18, 0.05, 0.72])),
    detail(look.pale, limb([turn - 0.2, 0.45, 0.22], [turn + 0.2, 0.45, 0.22])),
    ...eye(turn - 0.4, -0.08, 0.3, iris, 0.3),
    ...eye(turn + 0.4, -0.08, 0.3, iris, 0.3),
    detail(PINK, limb([turn - 0.07, 0.27, 0.05], [turn + 0.07, 0.27, 0.05], [turn, 0.34, 0.05])),
    detail(WHITE, ...whiskers),
  ]
}

const RED = rgb(0xeb404d)

/** Hanging ears, a long muzzle with a black nose, the tongue out; the tail up. */
export const DOG: Animal = {
  poses: [walking, sitting, lying, portrait],
  height: 1.05,
  trunk: 0.34,
  foot: 0.12,
  stride: 0.3,
  neck: 0.85,
  rise: [-0.75, -0.45],
  headSize: 0.76,
  head: dogHead,
  tail: (rng, { coat }) => fur(coat, curve([0, 0, 0.15], [-0.6, 0, 0.13], [-0.55, uniform(rng, -0.9, -0.5), 0.07])),
}

function dogHead(rng: Rng, look: Look): Layer[] {
  return rng() < 0.4 ? frontHead(rng, look) : sideHead(rng, look)
}

function sideHead(rng: Rng, look: Look): Layer[] {
  const muzzle = uniform(rng, 1.35, 1.65)
  return [
    detail(RED, limb([muzzle - 0.35, 0.5, 0.23], [muzzle - 0.25, 1.2, 0.26])),
    fur(look.coat, ball(0, 0, 0.86), limb([0.35, 0.2, 0.52], [muzzle, 0.3, 0.33])),
    detail(look.pale, limb([0.95, 0.42, 0.22], [muzzle + 0.02, 0.4, 0.2])),
    detail(BLACK, limb([0.75, 0.62, 0.03], [muzzle + 0.1, 0.56, 0.03]), ball(muzzle + 0.22, 0.1, 0.19)),
    ...eye(0.42, -0.24, 0.16, BROWN),
    ears(look, curve([-0.1, -0.6, 0.2], [-0.75, -0.5, 0.3], [-0.5, uniform(rng, 0.65, 1.05), 0.27])),
  ]
}

/** Turned a little to a side. */
function frontHead(rng: Rng, look: Look): Layer[] {
  const turn = uniform(rng, -0.14, 0.14)
  const earEnd = uniform(rng, 0.45, 0.85)
  const ear = (side: number) => curve([side * 0.6, -0.68, 0.2], [side * 1.35, -0.65, 0.28], [side * 1.08, earEnd, 0.25])
  const mouth = curve([turn - 0.35, 0.68, 0.03], [turn, 0.92, 0.03], [turn + 0.35, 0.68, 0.03])
  return [
    fur(look.coat, ball(0, -0.05, 0.88), ball(turn, 0.5, 0.5)),
    detail(RED, limb([turn, 0.85, 0.24], [turn + 0.04, 1.3, 0.26])),
    detail(look.pale, ball(turn, 0.45, 0.48)),
    detail(BLACK, mouth, limb([turn - 0.07, 0.2, 0.18], [turn + 0.07, 0.2, 0.18])),
    ...eye(turn - 0.37, -0.22, 0.16, BROWN),
    ...eye(turn + 0.37, -0.22, 0.16, BROWN),
    ears(look, ear(-1), ear(1)),
  ]
}

function ears(look: Look, ...limbs: readonly Limb[]): Layer {
  return { ...fur(plain(look.accent), ...limbs), soft: 0.05 }
}

/** A long head on a long neck with a mane; long legs; a tail of hair. */
export const HORSE: Animal = {
  poses: [walking, walking, grazing, portrait],
  height: 1.72,
  trunk: 0.39,
  foot: 0.09,
  stride: 0.5,
  neck: 1.3,
  rise: [-0.65, -0.35],
  headSize: 1.35,
  head: horseHead,
  tail: (rng, look) =>
    hair(look, curve([-0.05, -0.15, 0.1], [-0.5, -0.15, 0.16], [uniform(rng, -0.75, -0.3), 1, 0.13])),
}

/** The mane down to the shoulder, and a long head to the right, ears upright. */
function horseHead(_rng: Rng, look: Look, neckX: number, neckY: number): Layer[] {
  const ears = [limb([-0.06, -0.14, 0.09], [-0.08, -0.42, 0.02]), limb([0.1, -0.16, 0.08], [0.14, -0.42, 0.02])]
  const layers = [
    fur(look.coat, ...ears, limb([0.06, 0, 0.24], [0.4, 0.3, 0.2], [0.72, 0.62, 0.15]), ball(0.1, 0.12, 0.23)),
    hair(look, curve([-0.04, -0.24, 0.08], [0.2, -0.2, 0.1], [0.28, 0.08, 0.04])),
    detail(look.pale, limb([0.68, 0.62, 0.12], [0.74, 0.68, 0.1])),
    detail(BLACK, ball(0.78, 0.6, 0.03), limb([0.6, 0.76, 0.015], [0.74, 0.76, 0.015])), // nostril, mouth
    ...eye(0.27, 0.08, 0.065, BROWN),
  ]
  const mane = curve(
    [-neckX, -neckY - 0.2, 0.12],
    [-neckX * 0.6 - 0.15, -neckY * 0.45 - 0.25, 0.15],
    [-0.08, -0.12, 0.1],
  )
  return [hair(look, mane), ...placed(layers, { turn: neckY > 0 ? 0.2 : 0.05 })]
}

function hair(look: Look, strand: Limb): Layer {
  return { ...fur(plain(look.accent), strand), soft: 0.02, round: 0.12 }
}
