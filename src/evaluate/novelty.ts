import { chooseRows, type Examples, type Images } from '../batches/batches.ts'
import type { NoveltyMetrics, RefusalCount } from '../scores/metrics.ts'
import { byDistance, limitOf, type Novelty, openDistances, placesOf, quantized } from '../scores/novelty.ts'
import { byPart, type EvaluatedPart } from '../scores/predictions.ts'

/** At most this many training images are references, the same number of each class, but at least one. */
const MOST_REFERENCES = 2000
/** Of which neighbour the distance counts; fewer where a class has fewer references, lest its images seem foreign. */
const NEIGHBOURS = 10

/** The references among the training images: without variants, evenly spaced in the order of each class. */
export function chooseReferences(training: Images, classCount: number): Images {
  const most = Math.max(1, Math.floor(MOST_REFERENCES / classCount))
  const plain = [...Array(training.count).keys()]
  const rows = Array.from({ length: classCount }, (_, place) => {
    const ofClass = plain.filter((row) => training.labels[row] === place)
    const count = Math.min(most, ofClass.length)
    return Array.from({ length: count }, (_, i) => ofClass[Math.floor((i * ofClass.length) / count)] ?? 0)
  })
  return chooseRows(training, rows.flat())
}

/** An evaluated image with its features `[C]`. */
export interface SeenImage {
  readonly part: EvaluatedPart
  readonly label: string
  readonly features: Float32Array
}

/** What predictions need, and how well it works. */
export interface MeasuredNovelty {
  readonly stored: Novelty
  readonly metrics: NoveltyMetrics
}

export interface NoveltyOptions {
  readonly classes: readonly string[]
  readonly layer: string
  /** `evaluate.falseRefusals` */
  readonly rate: number | null
  /** Whether nothing before the features was trained on these classes, so that a class can be left out. */
  readonly isFrozen: boolean
}

/**
 * Finds the distance from the references beyond which images are refused, on the validation images, and counts how many of
 * each part are; for a frozen backbone also how many images of each class would be if the class had been left out.
 *
 * @param references features of what `chooseReferences` chose
 */
export async function measureNovelty(
  references: Examples,
  images: readonly SeenImage[],
  { classes, layer, rate, isFrozen }: NoveltyOptions,
): Promise<MeasuredNovelty> {
  const width = references.inputShape[0] ?? 0
  const rows = quantized((await references.read([...Array(references.count).keys()])) as Float32Array, width)
  const counts = classes.map((_, place) => references.labels.filter((label) => label === place).length)
  const places = placesOf(counts)
  const distancesOf = openDistances({ rows, width })
  const all = neighboursOf(counts)
  const measured = images.map(({ part, label, features }) => {
    const distances = distancesOf(features)
    const order = byDistance(distances)
    /** The distance without the references of one class. */
    const without = (place: number, neighbours: number) => {
      let left = neighbours
      return distances[order.find((row) => places[row] !== place && --left === 0) ?? -1] ?? Number.NaN
    }
    const others = isFrozen ? classes.map((_, place) => without(place, neighboursOf(counts.with(place, 0)))) : []
    return { part, label, distance: distances[order[all - 1] ?? -1] ?? Number.NaN, others }
  })
  const validation = measured.filter(({ part }) => part === 'validation')
  const found = limitOf(
    validation.map(({ distance }) => distance),
    rate,
  )
  const leftOut = classes.flatMap((name, place): [string, RefusalCount][] => {
    const distancesIn = (of: typeof measured) => of.map(({ others }) => others[place] ?? Number.NaN)
    const { limit } = limitOf(distancesIn(validation.filter(({ label }) => label !== name)), rate)
    return limit === null
      ? []
      : [[name, countRefused(distancesIn(measured.filter(({ label }) => label === name)), limit)]]
  })
  return {
    stored: { layer, width, references: counts, neighbours: all, ...found, rows },
    metrics: {
      false_refusals: rate,
      references: references.count,
      neighbours: all,
      ...found,
      refused: byPart((part) => {
        const ofPart = measured.filter((image) => image.part === part)
        return countRefused(
          ofPart.map(({ distance }) => distance),
          found.limit,
        )
      }),
      left_out: isFrozen && leftOut.length > 0 ? new Map(leftOut) : null,
    },
  }
}

/** Which neighbour counts, for references of so many images of each class. */
export function neighboursOf(counts: readonly number[]): number {
  return Math.min(NEIGHBOURS, ...counts.filter((count) => count > 0))
}

function countRefused(distances: readonly number[], limit: number | null): RefusalCount {
  const refused = distances.filter((distance) => limit !== null && !(distance <= limit)).length
  return { refused, images: distances.length }
}
