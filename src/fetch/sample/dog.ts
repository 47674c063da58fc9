import { type Rng, uniform } from '../../core/random.ts'
import { shaded } from './coat.ts'
import { similarity } from './geometry.ts'
import { detail, fur, type Layer, movedLayers } from './layers.ts'
import { BLACK, BROWN, eye, type Look, RED, type Species } from './look.ts'
import { curve, limb, oval } from './shapes.ts'

/** Hanging ears, a long muzzle with a black nose, the tongue out; the tail up. */
export const DOG: Species = { whole: [standing, sitting, lying], bust }

function standing(rng: Rng, look: Look): Layer[] {
  const stride = uniform(rng, -0.3, 0.3)
  const headY = uniform(rng, -1.95, -1.6)
  const leg = (x: number, way: number) =>
    limb([x, -0.95, 0.22], [x + way * 0.4, -0.5, 0.13], [x + way, -0.1, 0.11], [x + way + 0.12, -0.09, 0.1])
  return [
    fur(look.coat, curve([-0.95, -1.15, 0.15], [-1.5, -1.2, 0.13], [-1.45, uniform(rng, -2, -1.6), 0.07])),
    fur(look.coat, [...leg(-0.68, stride), ...leg(0.55, -stride)], 0.72),
    fur(look.coat, [
      ...limb([-0.75, -1.05, 0.32], [0, -1.02, 0.33], [0.6, -1.05, 0.42], [0.98, headY + 0.1, 0.28]),
      ...leg(-0.82, -stride),
      ...leg(0.7, stride),
    ]),
    ...placedHead(rng, look, 1.08, headY - 0.08, 0.64),
  ]
}

function sitting(rng: Rng, look: Look): Layer[] {
  const headX = uniform(rng, 0.35, 0.55)
  return [
    fur(look.coat, curve([-0.75, -0.2, 0.15], [-1.4, -0.1, 0.12], [-1.35, uniform(rng, -1, -0.5), 0.07])),
    fur(look.coat, limb([0.45, -0.9, 0.18], [0.62, -0.1, 0.12], [0.76, -0.08, 0.11]), 0.72),
    fur(look.coat, [
      ...limb([-0.5, -0.45, 0.45], [0.15, -1.15, 0.4], [headX, -1.75, 0.28]),
      ...limb([0.3, -0.9, 0.2], [0.36, -0.1, 0.13], [0.52, -0.09, 0.12]),
    ]),
    fur(look.coat, [oval(-0.35, -0.42, 0.42, 0.36, -0.4), ...limb([-0.3, -0.12, 0.13], [0.12, -0.1, 0.11])]),
    ...placedHead(rng, look, headX + 0.05, -2, 0.68),
  ]
}

function lying(rng: Rng, look: Look): Layer[] {
  const headY = uniform(rng, -1.15, -0.75)
  return [
    fur(look.coat, curve([-1.1, -0.3, 0.14], [-1.7, -0.3, 0.12], [-1.75, uniform(rng, -1, -0.6), 0.07])),
    fur(look.coat, [
      ...limb([-0.8, -0.42, 0.4], [0.3, -0.45, 0.38], [0.75, headY + 0.05, 0.27]),
      ...limb([0.45, -0.15, 0.16], [1.4, -0.11, 0.12]),
    ]),
    fur(look.coat, [oval(-0.75, -0.36, 0.42, 0.33, -0.3), ...limb([-0.7, -0.12, 0.14], [-0.15, -0.1, 0.12])]),
    ...placedHead(rng, look, 0.9, headY - 0.15, 0.64),
  ]
}

function bust(rng: Rng, look: Look): Layer[] {
  const lean = uniform(rng, -0.25, 0.25)
  const chest = fur(look.coat, limb([0, 0.5, 0.6], [lean - 0.1, 1.5, 0.85], [lean * 1.5 - 0.2, 2.3, 1.05]))
  const head = rng() < 0.6 ? frontHead(rng, look) : sideHead(rng, look)
  return [chest, ...movedLayers(head, similarity(0, 0, 1, uniform(rng, -0.15, 0.15)))]
}

function placedHead(rng: Rng, look: Look, x: number, y: number, size: number): Layer[] {
  const head = rng() < 0.25 ? frontHead(rng, look) : sideHead(rng, look)
  return movedLayers(head, similarity(x, y, size, uniform(rng, -0.3, 0.2)))
}

/** A head looking to the right, its skull of radius 1 around (0, 0). */
function sideHead(rng: Rng, look: Look): Layer[] {
  const muzzle = uniform(rng, 1.35, 1.65)
  const earEnd = uniform(rng, 0.65, 1.05)
  return [
    detail(RED, ...limb([muzzle - 0.35, 0.5, 0.19], [muzzle - 0.25, 1.15, 0.21])),
    fur(look.coat, [oval(0, 0, 0.88, 0.84), ...limb([0.35, 0.2, 0.52], [muzzle, 0.3, 0.33])]),
    detail(look.pale, ...limb([0.95, 0.42, 0.22], [muzzle + 0.02, 0.4, 0.2])),
    detail(BLACK, ...limb([0.75, 0.62, 0.03], [muzzle + 0.1, 0.56, 0.03])),
    detail(BLACK, oval(muzzle + 0.22, 0.1, 0.2, 0.16)),
    ...eye(0.42, -0.24, 0.16, BROWN, 1),
    hangingEar(look, curve([-0.1, -0.6, 0.2], [-0.75, -0.5, 0.3], [-0.5, earEnd, 0.27])),
  ]
}

/** A head seen from the front, of radius 1 around (0, 0), turned a little to a side. */
function frontHead(rng: Rng, look: Look): Layer[] {
  const turn = uniform(rng, -0.14, 0.14)
  const earEnd = uniform(rng, 0.45, 0.85)
  const ear = (side: number) => curve([side * 0.6, -0.68, 0.2], [side * 1.35, -0.65, 0.28], [side * 1.08, earEnd, 0.25])
  return [
    fur(look.coat, [oval(0, -0.05, 0.86, 0.92), oval(turn, 0.5, 0.55, 0.45)]),
    detail(RED, ...limb([turn, 0.85, 0.2], [turn + 0.04, 1.25, 0.21])),
    { ...detail(look.pale, oval(turn, 0.45, 0.52, 0.46)), round: 0.25 },
    detail(BLACK, ...curve([turn - 0.35, 0.68, 0.03], [turn, 0.92, 0.03], [turn + 0.35, 0.68, 0.03])),
    detail(BLACK, oval(turn, 0.2, 0.25, 0.18)),
    ...eye(turn - 0.37, -0.22, 0.16, BROWN, 1),
    ...eye(turn + 0.37, -0.22, 0.16, BROWN, 1),
    hangingEar(look, [...ear(-1), ...ear(1)]),
  ]
}

function hangingEar(look: Look, shapes: Layer['shapes']): Layer {
  return { ...fur({ ...look.accent, base: shaded(look.accent.base, 0.9) }, shapes), blend: 0.05 }
}
