import type { Rng } from '../../core/random.ts'
import { COATS, type Color, drawCoat, type Fill, luminance, pick, plain } from './coat.ts'
import { detail, type Layer } from './layers.ts'
import { oval } from './shapes.ts'

/** The colours of one animal, drawn alike for every species. */
export interface Look {
  readonly coat: Fill
  /** Ears, mane and tail hair: another colour than the coat's. */
  readonly accent: Fill
  /** Muzzle and chest. */
  readonly pale: Color
  readonly eye: Color
}

/** Draws the layers of an animal of one species, in one pose, standing on y = 0 and looking to the right. */
export type Pose = (rng: Rng, look: Look) => Layer[]

const EYES: readonly Color[] = [
  [0.86, 0.66, 0.18],
  [0.5, 0.7, 0.3],
  [0.35, 0.22, 0.12],
  [0.4, 0.6, 0.8],
]

export const BLACK: Color = [0.07, 0.06, 0.07]
export const WHITE: Color = [0.97, 0.97, 0.95]
export const PINK: Color = [0.9, 0.5, 0.52]

export function drawLook(rng: Rng): Look {
  const coat = drawCoat(rng)
  const others = COATS.filter((color) => Math.abs(luminance(color) - luminance(coat.base)) > 0.13)
  const pale: Color = [mixed(coat.base[0]), mixed(coat.base[1]), mixed(coat.base[2])]
  return { coat, accent: plain(pick(rng, others)), pale, eye: pick(rng, EYES) }
}

function mixed(value: number): number {
  return value * 0.4 + 0.94 * 0.6
}

/** An eye with a round pupil (width 1) or a slit (width 0.3), and a spark of light. */
export function eye(x: number, y: number, radius: number, iris: Color, pupilWidth: number): Layer[] {
  return [
    detail(BLACK, oval(x, y, radius * 1.15, radius * 1.15)),
    detail(iris, oval(x, y, radius, radius)),
    detail(BLACK, oval(x, y, radius * 0.62 * pupilWidth, radius * (pupilWidth < 1 ? 0.9 : 0.62))),
    detail(WHITE, oval(x + radius * 0.3, y - radius * 0.35, radius * 0.26, radius * 0.26)),
  ]
}
