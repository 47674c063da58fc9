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
  /** For a cat's eyes; the others' are brown. */
  readonly eye: Color
}

/** Draws the layers of an animal in one pose, looking to the right. */
export type Pose = (rng: Rng, look: Look) => Layer[]

/** What a species looks like. */
export interface Species {
  /** The whole animal, its feet on y = 0. */
  readonly whole: readonly Pose[]
  /** Head and shoulders, to be cut by the image's lower edge. */
  readonly bust: Pose
}

const BRIGHT_EYES: readonly Color[] = [
  [0.95, 0.78, 0.2],
  [0.6, 0.85, 0.35],
  [0.5, 0.78, 0.95],
]

export const BLACK: Color = [0.07, 0.06, 0.07]
export const WHITE: Color = [0.97, 0.97, 0.95]
export const PINK: Color = [0.95, 0.62, 0.62]
export const RED: Color = [0.92, 0.25, 0.3]
export const BROWN: Color = [0.3, 0.17, 0.1]

export function drawLook(rng: Rng): Look {
  const coat = drawCoat(rng)
  const others = COATS.filter((color) => Math.abs(luminance(color) - luminance(coat.base)) > 0.13)
  const pale: Color = [mixed(coat.base[0]), mixed(coat.base[1]), mixed(coat.base[2])]
  return { coat, accent: plain(pick(rng, others)), pale, eye: pick(rng, BRIGHT_EYES) }
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
