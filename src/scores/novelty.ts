import { recordByName } from '../core/names.ts'

/** Why images are refused beyond a distance, or why none is. */
export const NOVELTY_OUTCOMES = ['limit found', 'too few validation images', 'switched off'] as const

/**
 * Features of some training images, and how far from them an image may lie and still be given a label: the novelty detection
 * of one trained model.
 *
 * The features are what the last layer takes. Source: Sun et al., https://arxiv.org/abs/2204.06507
 */
export interface Novelty {
  /** The layer that returns the features, and how many there are, C. */
  readonly layer: string
  readonly width: number
  /** The number of rows of each class, in the order of the classes. */
  readonly references: readonly number[]
  /** The distance of an image is that to its k-th nearest reference. */
  readonly neighbours: number
  /** Images at a greater distance are none of the classes; null: none is. */
  readonly limit: number | null
  readonly outcome: (typeof NOVELTY_OUTCOMES)[number]
  /** `[references, C]`, sorted by class, each row scaled to its greatest value. */
  readonly rows: Int8Array
}

/** What the references say of an image. */
export interface Familiarity {
  /** Cosine distance to the k-th nearest reference, in [0, 2]. */
  readonly distance: number
  /** The number of each class among the k nearest; classes without any are left out. */
  readonly nearest: Readonly<Record<string, number>>
  /** Whether the image is beyond the limit, so none of the classes. */
  readonly refused: boolean
}

/** Compares features `[C]` with the references. */
export function openNovelty(novelty: Novelty, classes: readonly string[]): (features: Float32Array) => Familiarity {
  const { neighbours, limit } = novelty
  const distancesOf = openDistances(novelty)
  const places = placesOf(novelty.references)
  return (features) => {
    const distances = distancesOf(features)
    const nearest = byDistance(distances).slice(0, neighbours)
    const distance = distances[nearest.at(-1) ?? -1] ?? Number.NaN
    const counts = classes.map((name, place): [string, number] => [
      name,
      nearest.filter((row) => places[row] === place).length,
    ])
    return {
      distance,
      nearest: recordByName(counts.filter(([, count]) => count > 0)),
      refused: limit !== null && !(distance <= limit), // so written that NaN is refused
    }
  }
}

/** Cosine distances of features `[C]` to each reference; 1 where one of the two is zero. */
export function openDistances({
  rows,
  width,
}: Pick<Novelty, 'rows' | 'width'>): (features: Float32Array) => Float64Array {
  const values = Float32Array.from(rows) // faster to multiply than bytes
  const lengths = Float64Array.from({ length: rows.length / width }, (_, row) =>
    lengthOf(values.subarray(row * width, (row + 1) * width)),
  )
  return (features) => {
    const own = lengthOf(features)
    return lengths.map((length, row) => {
      let product = 0
      for (let i = 0, at = row * width; i < width; i++) product += (features[i] as number) * (values[at + i] as number)
      return own === 0 || length === 0 ? 1 : 1 - product / (own * length)
    })
  }
}

/** The references from the nearest to the farthest. */
export function byDistance(distances: Float64Array): number[] {
  return [...distances.keys()].sort((a, b) => (distances[a] as number) - (distances[b] as number))
}

/** The class of each reference, as a place in the list of classes. */
export function placesOf(references: readonly number[]): number[] {
  return references.flatMap((count, place) => Array<number>(count).fill(place))
}

/** Rows `[N, C]` as they are stored: each scaled so that its greatest absolute value is 127, and rounded. */
export function quantized(features: Float32Array, width: number): Int8Array {
  const rows = new Int8Array(features.length)
  for (let start = 0; start < features.length; start += width) {
    const row = features.subarray(start, start + width)
    const greatest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    rows.set(
      row.map((value) => (greatest > 0 ? Math.round((127 * value) / greatest) : 0)),
      start,
    )
  }
  return rows
}

/**
 * The distance beyond which new images of the known classes lie at most at this rate, from the distances of `n` images that
 * were not trained on: the largest but ⌊(n + 1) · rate⌋ - 1 (split conformal prediction). It takes 1 / rate - 1 images.
 *
 * Rounded up to five decimals, since engines differ in the last bits of features.
 * Source: Angelopoulos and Bates, https://arxiv.org/abs/2107.07511, section 4.4
 *
 * @param rate null: switched off
 */
export function limitOf(distances: readonly number[], rate: number | null): Pick<Novelty, 'limit' | 'outcome'> {
  if (rate === null) return { limit: null, outcome: 'switched off' }
  const sorted = Float64Array.from(distances).sort()
  const beyond = Math.floor((sorted.length + 1) * rate)
  const limit = sorted[sorted.length - beyond]
  if (limit === undefined) return { limit: null, outcome: 'too few validation images' }
  return { limit: Math.ceil(limit * 1e5) / 1e5, outcome: 'limit found' }
}

function lengthOf(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
}
