import quantile from '@stdlib/stats-base-dists-beta-quantile'
import { type Rng, seededRng, shuffled, uniform } from '../core/random.ts'
import { drawTransform, projectiveRow } from '../images/transform.ts'
import { isMixing, type OnlineAugment } from './params.ts'

/** The augmentation of one step, of N images of side S. */
export interface OnlineDraw {
  /** `[N, 8]`, row by row: projective transforms. */
  readonly transforms: Float32Array
  /** `[N]`: factors. */
  readonly brightness: Float32Array
  readonly mix: Mix | undefined
}

/** How the images of a step are mixed with each other, after transforms and brightness. */
export interface Mix {
  /** `[N]`: the image that each is mixed with. */
  readonly partners: Int32Array
  /** `[S, S]`: the image's own share of each pixel; constant for MixUp, with a hole of zeros for CutMix. */
  readonly mask: Float32Array
  /** The share of an image's own label: the mean of the mask. */
  readonly share: number
}

/** Draws the augmentation of a step (from 1). It follows from seed and step alone, so a resumed training draws the same. */
export function drawOnline(
  augment: OnlineAugment,
  { seed, step }: { seed: number; step: number },
  { count, size }: { count: number; size: number },
): OnlineDraw {
  const rng = seededRng(seed, 'online', step)
  const each = Array.from({ length: count }, () => ({
    transform: projectiveRow(drawTransform(rng, augment, size)),
    brightness: uniform(rng, 1 - augment.brightness, 1 + augment.brightness),
  }))
  return {
    transforms: Float32Array.from(each.flatMap(({ transform }) => transform)),
    brightness: Float32Array.from(each, ({ brightness }) => brightness),
    mix: drawMix(rng, augment, { count, size }),
  }
}

/** Sources: MixUp https://arxiv.org/abs/1710.09412, CutMix https://arxiv.org/abs/1905.04899; one share and rectangle a step. */
function drawMix(
  rng: Rng,
  { mixup, cutmix }: OnlineAugment,
  { count, size }: { count: number; size: number },
): Mix | undefined {
  if (!isMixing({ mixup, cutmix })) return undefined
  const cuts = cutmix > 0 && (mixup === 0 || rng() < 0.5)
  const alpha = cuts ? cutmix : mixup
  const share = quantile(rng(), alpha, alpha)
  const mask = cuts ? maskWithHole(rng, 1 - share, size) : new Float32Array(size * size).fill(share)
  const own = mask.reduce((sum, value) => sum + value, 0) / mask.length
  return { partners: Int32Array.from(shuffled([...Array(count).keys()], rng)), mask, share: own }
}

/** Ones, and zeros in a rectangle of that share of the area, cut off at the edges; its centre is anywhere in the image. */
function maskWithHole(rng: Rng, area: number, size: number): Float32Array {
  const half = (size * Math.sqrt(area)) / 2
  const [top, bottom] = interval(uniform(rng, 0, size), half)
  const [left, right] = interval(uniform(rng, 0, size), half)
  return Float32Array.from({ length: size * size }, (_, place) => {
    const [row, column] = [Math.floor(place / size), place % size]
    return row >= top && row < bottom && column >= left && column < right ? 0 : 1
  })
}

function interval(centre: number, half: number): [number, number] {
  return [Math.round(centre - half), Math.round(centre + half)]
}
