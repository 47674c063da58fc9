import { type Rng, uniform } from '../../core/random.ts'
import { luminance } from './coat.ts'
import { similarity } from './geometry.ts'
import { detail, fur, type Layer, movedLayers } from './layers.ts'
import { BLACK, eye, type Look, PINK, type Species, WHITE } from './look.ts'
import { curve, limb, oval } from './shapes.ts'

/** A round head with pointed ears, whiskers and a short muzzle; a long thin tail. */
export const CAT: Species = { whole: [standing, sitting, lying], bust }

function standing(rng: Rng, look: Look): Layer[] {
  const stride = uniform(rng, -0.28, 0.28)
  const headY = uniform(rng, -1.55, -1.2)
  const leg = (x: number, way: number) => limb([x, -0.75, 0.17], [x + way * 0.5, -0.38, 0.1], [x + way, -0.08, 0.1])
  return [
    tail(rng, look, -0.95, -0.9),
    fur(look.coat, [...leg(-0.72, stride), ...leg(0.6, -stride)], 0.72),
    fur(look.coat, [
      ...limb([-0.8, -0.82, 0.3], [-0.1, -0.86, 0.29], [0.62, -0.84, 0.31], [0.95, headY + 0.2, 0.24]),
      ...leg(-0.85, -stride),
      ...leg(0.72, stride),
    ]),
    ...placedHead(rng, look, 1.1, headY, 0.66),
  ]
}

function sitting(rng: Rng, look: Look): Layer[] {
  const lean = uniform(rng, -0.12, 0.2)
  const side = uniform(rng, -0.25, 0.25)
  return [
    fur(look.coat, curve([-0.45, -0.16, 0.13], [-1.5, 0.1, 0.1], [-1.25, uniform(rng, -1.2, -0.3), 0.07])),
    fur(look.coat, [
      ...limb([0, -0.45, 0.52], [lean, -1.25, 0.36]),
      oval(-0.42, -0.33, 0.36, 0.34),
      oval(0.42, -0.33, 0.36, 0.34),
    ]),
    fur(look.coat, [
      ...limb([-0.2 + side, -0.95, 0.16], [-0.19 + side, -0.1, 0.13]),
      ...limb([0.2 + side, -0.95, 0.16], [0.19 + side, -0.1, 0.13]),
    ]),
    ...placedHead(rng, look, lean, -1.8, 0.78),
  ]
}

function lying(rng: Rng, look: Look): Layer[] {
  const headY = uniform(rng, -0.85, -0.5)
  return [
    fur(look.coat, curve([-1.05, -0.22, 0.12], [-1.9, -0.05, 0.1], [-1.75, uniform(rng, -0.9, -0.1), 0.06])),
    fur(look.coat, [
      ...limb([-0.75, -0.42, 0.42], [0.2, -0.4, 0.36], [0.75, headY, 0.26]),
      oval(-0.7, -0.28, 0.46, 0.28),
    ]),
    fur(look.coat, [...limb([0.5, -0.12, 0.14], [1.25, -0.1, 0.12]), ...limb([-0.6, -0.1, 0.12], [-0.1, -0.1, 0.11])]),
    ...placedHead(rng, look, 1, headY - 0.15, 0.66),
  ]
}

function bust(rng: Rng, look: Look): Layer[] {
  const lean = uniform(rng, -0.25, 0.25)
  const chest = fur(look.coat, limb([0, 0.5, 0.6], [lean, 1.4, 0.85], [lean * 1.5, 2.2, 1]))
  return [chest, ...movedLayers(head(rng, look), similarity(0, 0, 1, uniform(rng, -0.15, 0.15)))]
}

function tail(rng: Rng, look: Look, x: number, y: number): Layer {
  const up = uniform(rng, -1.3, 0.5)
  return fur(look.coat, curve([x, y, 0.13], [x - 0.9, y + 0.3, 0.1], [x - uniform(rng, 0.3, 1.1), y + up, 0.07], 9))
}

function placedHead(rng: Rng, look: Look, x: number, y: number, size: number): Layer[] {
  return movedLayers(head(rng, look), similarity(x, y, size, uniform(rng, -0.25, 0.25)))
}

/** A head seen from the front, of radius 1 around (0, 0), turned a little to a side. */
function head(rng: Rng, look: Look): Layer[] {
  const turn = uniform(rng, -0.14, 0.14)
  const earLean = uniform(rng, 0.68, 0.92)
  const ear = (side: number, scale: number) =>
    limb([side * 0.58, -0.5, 0.34 * scale], [side * earLean, -0.55 - 0.85 * scale, 0.03])
  const whisker = (side: number, up: number) =>
    limb([turn + side * 0.32, 0.4, 0.035], [turn + side * 1.45, 0.36 + up, 0.02])
  const whiskers = [-1, 1].flatMap((side) => [-0.2, 0.04, 0.28].flatMap((up) => whisker(side, up)))
  return [
    fur(look.coat, [
      ...ear(-1, 1),
      ...ear(1, 1),
      oval(0, 0, 1, 0.88),
      oval(-0.5, 0.25, 0.5, 0.45),
      oval(0.5, 0.25, 0.5, 0.45),
    ]),
    detail(PINK, ...ear(-1, 0.62), ...ear(1, 0.62)),
    fur(look.coat, [oval(0, 0.05, 0.9, 0.72)]),
    detail(look.pale, oval(turn - 0.18, 0.45, 0.26, 0.21), oval(turn + 0.18, 0.45, 0.26, 0.21)),
    ...eye(turn - 0.4, -0.08, 0.27, look.eye, 0.3),
    ...eye(turn + 0.4, -0.08, 0.27, look.eye, 0.3),
    detail(PINK, ...limb([turn - 0.07, 0.27, 0.05], [turn + 0.07, 0.27, 0.05], [turn, 0.34, 0.05])),
    detail(luminance(look.coat.base) > 0.5 ? BLACK : WHITE, ...whiskers),
  ]
}
