import { mcnemar } from '../scores/compare.ts'
import { clopperPearson, type Interval } from '../scores/interval.ts'

/** How two models differ on the same images: by counts, as a share of the images, and the 95 % interval of that share. */
export interface PairedDifference {
  /** Accuracy of the second less that of the first, in [-1, 1]. */
  readonly difference: number
  readonly interval: Interval
  /** McNemar's exact p, two-sided. */
  readonly p: number
}

/**
 * The difference of two accuracies on the same images. The interval is exact, given on how many images the models part:
 * Clopper and Pearson's of the share that went the second's way. It leaves 0 out where p is below 0.05, and only there.
 */
export function pairedDifference(fixed: number, broken: number, images: number): PairedDifference {
  const parted = fixed + broken
  const share = clopperPearson(fixed, parted)
  const ofImages = (fraction: number) => (images === 0 ? 0 : ((2 * fraction - 1) * parted) / images)
  return {
    difference: images === 0 ? 0 : (fixed - broken) / images,
    interval: parted === 0 ? { low: 0, high: 0 } : { low: ofImages(share.low), high: ofImages(share.high) },
    p: mcnemar(fixed, broken),
  }
}
