import { type Rng, uniform } from '../../core/random.ts'
import { cosine, similarity, sine } from './geometry.ts'
import { detail, fur, type Layer, movedLayers } from './layers.ts'
import { BLACK, BROWN, eye, type Look, type Species } from './look.ts'
import { type Cone, curve, limb, movedShape, oval, type Shape } from './shapes.ts'

/** A long head on a long neck with a mane, long legs with hooves, a tail of hair. */
export const HORSE: Species = { whole: [standing, trotting, grazing], bust }

function standing(rng: Rng, look: Look): Layer[] {
  return body(rng, look, uniform(rng, -0.12, 0.12), uniform(rng, -1.15, -0.75))
}

function trotting(rng: Rng, look: Look): Layer[] {
  return body(rng, look, uniform(rng, 0.35, 0.6), uniform(rng, -0.95, -0.6))
}

function grazing(rng: Rng, look: Look): Layer[] {
  return body(rng, look, uniform(rng, -0.15, 0.15), uniform(rng, 0.55, 0.8))
}

function bust(rng: Rng, look: Look): Layer[] {
  const { neck, front } = neckAndHead(rng, look, uniform(rng, -1.15, -0.75))
  const shoulder = limb([-0.1, 0.05, 0.42], [-0.35, 0.7, 0.6], [-0.5, 1.3, 0.75])
  return [fur(look.coat, [...shoulder, ...neck]), ...front]
}

/** @param direction the neck's direction in radians: -pi/2 straight up, 0 level, above 0 down to the grass */
function body(rng: Rng, look: Look, stride: number, direction: number): Layer[] {
  const far = [...leg(-0.62, stride), ...leg(0.72, -stride)]
  const close = [...leg(-0.82, -stride), ...leg(0.6, stride)]
  const toNeck = similarity(0.75, -1.8, 1)
  const { neck, front } = neckAndHead(rng, look, direction)
  const trunk = limb([-0.7, -1.72, 0.4], [0, -1.62, 0.38], [0.62, -1.66, 0.42])
  return [
    hair(look, hairTail(rng)),
    fur(look.coat, far, 0.7),
    hooves(far),
    fur(look.coat, [...trunk, ...close, ...neck.map((shape) => movedShape(shape, toNeck))]),
    hooves(close),
    ...movedLayers(front, toNeck),
  ]
}

/** Hip or shoulder, knee, pastern: slender, and bent at the knee where it is lifted. */
function leg(x: number, way: number): Cone[] {
  const knee = x + way * 0.75 + Math.abs(way) * 0.15
  return limb([x, -1.45, 0.22], [knee, -0.8, 0.12], [x + way * 1.2, -0.14, 0.085])
}

function hooves(legs: readonly Cone[]): Layer {
  const feet = legs.filter((_, index) => index % 2 === 1)
  return detail(BLACK, ...feet.flatMap((foot) => limb([foot.bx, foot.by, 0.1], [foot.bx + 0.05, foot.by + 0.1, 0.13])))
}

function hairTail(rng: Rng): Cone[] {
  const swing = uniform(rng, -1.75, -1.25)
  return [
    ...curve([-1.02, -1.9, 0.1], [-1.5, -1.9, 0.16], [swing, -0.75, 0.13]),
    ...curve([-1.02, -1.85, 0.1], [-1.35, -1.8, 0.14], [swing + 0.15, -0.6, 0.05]),
  ]
}

/** The neck from (0, 0) on, and what lies over it: mane and head. */
function neckAndHead(rng: Rng, look: Look, direction: number): { neck: Shape[]; front: Layer[] } {
  const length = uniform(rng, 1.2, 1.4)
  const pollX = cosine(direction) * length
  const pollY = sine(direction) * length
  const nod = direction < 0 ? uniform(rng, -0.1, 0.25) : uniform(rng, 0.3, 0.5)
  const crest = curve(
    [0.02, -0.28, 0.16],
    [pollX * 0.45 - 0.22, pollY * 0.6 - 0.3, 0.2],
    [pollX - 0.1, pollY - 0.16, 0.12],
  )
  return {
    neck: limb([-0.1, 0.05, 0.42], [pollX * 0.5 + 0.02, pollY * 0.5, 0.3], [pollX, pollY, 0.22]),
    front: [hair(look, crest), ...movedLayers(head(look), similarity(pollX, pollY, 1.35, nod))],
  }
}

/** A long head from the poll at (0, 0) down to the right, ears upright. */
function head(look: Look): Layer[] {
  return [
    fur(look.coat, [
      ...limb([-0.06, -0.14, 0.09], [-0.08, -0.42, 0.02]),
      ...limb([0.1, -0.16, 0.08], [0.14, -0.42, 0.02]),
      ...limb([0.06, 0, 0.24], [0.4, 0.3, 0.2], [0.72, 0.62, 0.15]),
      oval(0.1, 0.12, 0.25, 0.22),
    ]),
    hair(look, curve([-0.04, -0.24, 0.08], [0.2, -0.2, 0.1], [0.28, 0.08, 0.04], 4)),
    { ...detail(look.pale, ...limb([0.68, 0.62, 0.12], [0.74, 0.68, 0.1])), round: 0.1 },
    detail(BLACK, oval(0.78, 0.6, 0.035, 0.025, 0.7)),
    detail(BLACK, ...limb([0.6, 0.76, 0.015], [0.74, 0.76, 0.015])),
    ...eye(0.27, 0.08, 0.065, BROWN, 1),
  ]
}

function hair(look: Look, shapes: Layer['shapes']): Layer {
  return { ...fur(look.accent, shapes), blend: 0.02, round: 0.12 }
}
