import type { ManifestRow } from '../dataset/manifest.ts'
import type { Pair } from '../dataset/pairs.ts'
import { limitOf } from '../scores/novelty.ts'
import { clashesOf } from '../split/groups.ts'

/** An image, and what heads that were not trained on it say of it. */
export interface Judged extends Pick<ManifestRow, 'id' | 'sha256' | 'label' | 'set'> {
  /** In the order of the classes; empty for an image whose class has too few images to be judged. */
  readonly probabilities: readonly number[]
  /** Cosine distance from images of other folds, in [0, 2]; NaN where it is not judged. */
  readonly distance: number
}

/** What is odd about an image. */
export interface Finding extends Omit<Judged, 'probabilities'> {
  /** Of the given label; NaN where the image is not judged. */
  readonly probability: number
  /** The likeliest class, which may be the given one, and its probability. */
  readonly suggested: string
  readonly suggestedProbability: number
  /** Whether another class is likelier than the given one. */
  readonly isUnlikely: boolean
  /** Whether it is farther from the others than 99 of 100 images. */
  readonly isOutlier: boolean
  /** The same photograph under another label, or in both sets. */
  readonly clashes: readonly Pair[]
}

/** The share of images that are outliers; it takes a hundred images to find the first. */
const OUTLIERS = 0.01

/** Every image with what is odd about it, from the least to the most probable label; of equal ones by id. */
export function findingsOf(images: readonly Judged[], pairs: readonly Pair[], classes: readonly string[]): Finding[] {
  const clashes = Map.groupBy(
    clashesOf(images, pairs).flatMap((pair) => [pair.id, pair.other].map((id) => ({ id, pair }))),
    ({ id }) => id,
  )
  const labelled = images.filter(({ set, distance }) => set === 'train' && !Number.isNaN(distance))
  const { limit } = limitOf(
    labelled.map(({ distance }) => distance),
    OUTLIERS,
  )
  const findings = images.map(({ probabilities, ...image }): Finding => {
    const suggestedProbability = probabilities.length > 0 ? Math.max(...probabilities) : Number.NaN
    const suggested = classes[probabilities.indexOf(suggestedProbability)] ?? image.label
    return {
      ...image,
      probability: probabilities.length > 0 ? (probabilities[classes.indexOf(image.label)] ?? 0) : Number.NaN,
      suggested,
      suggestedProbability,
      isUnlikely: suggested !== image.label,
      isOutlier: limit !== null && image.distance > limit,
      clashes: (clashes.get(image.id) ?? []).map(({ pair }) => pair),
    }
  })
  const rank = ({ probability }: Finding) => (Number.isNaN(probability) ? Number.POSITIVE_INFINITY : probability)
  return findings.sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1))
}

/** What is odd about an image, in words for the table and the page. */
export function describeFinding(finding: Finding): string[] {
  const { id, isUnlikely, isOutlier, clashes, suggested, set, distance } = finding
  return [
    ...clashes.map((pair) => describeClash(id, pair)),
    ...(isUnlikely ? [`looks like ${suggested}`] : []),
    ...(isOutlier
      ? [`unlike ${set === 'test' ? 'the labelled' : 'all other'} images (distance ${distance.toFixed(3)})`]
      : []),
  ]
}

const KINDS: Readonly<Record<Pair['kind'], string>> = {
  exact: 'the same file as',
  near: 'nearly the same as',
  mirrored: 'the mirror image of',
}

function describeClash(id: string, { id: first, other, kind, certainty }: Pair): string {
  return `${certainty === 'likely' ? 'perhaps ' : ''}${KINDS[kind]} ${id === first ? other : first}`
}
