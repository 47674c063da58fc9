import type { Thresholds } from '../config/schema.ts'
import type { Metrics, PartMetrics } from './metrics.ts'

/** The parts that the gate looks at. */
export type GatedPart = 'validation' | 'test'

/** One threshold that was missed. */
export type Miss =
  | { readonly kind: 'nothing to choose'; readonly configurations: readonly string[] }
  | { readonly kind: 'too few images'; readonly part: GatedPart; readonly images: number; readonly expected: number }
  | {
      readonly kind: 'accuracy'
      readonly part: GatedPart
      readonly score: PartMetrics
      readonly expected: number
      /** Images that would have had to be right as well; NaN when the accuracy is. */
      readonly short: number
    }

/** What the gate says; passed when nothing was missed. */
export interface Verdict {
  /** The configuration that is judged; undefined when none has a validation accuracy. */
  readonly chosen: string | undefined
  readonly misses: readonly Miss[]
}

/** Judges the configuration with the best validation accuracy by the thresholds; what is missing or NaN fails. */
export function judge(metrics: Readonly<Record<string, Metrics>>, gate: Thresholds): Verdict {
  const [best] = rankConfigurations(metrics)
  const scores = best === undefined ? undefined : metrics[best]
  if (best === undefined || !scores || !(exactAccuracy(scores.validation) >= 0)) {
    return { chosen: undefined, misses: [{ kind: 'nothing to choose', configurations: Object.keys(metrics).sort() }] }
  }
  return {
    chosen: best,
    misses: [
      ...judgePart('validation', scores.validation, gate.validation, gate.minValidationImages),
      ...judgePart('test', scores.test, gate.test, gate.minTestImages),
    ],
  }
}

/** Names by validation accuracy, best first, NaN last; ties by fewer parameters, then by name. */
export function rankConfigurations(metrics: Readonly<Record<string, Metrics>>): string[] {
  const ranked = Object.entries(metrics).map(([name, { validation, parameters }]) => {
    const accuracy = exactAccuracy(validation)
    return { name, parameters, accuracy: accuracy >= 0 ? accuracy : -1 }
  })
  ranked.sort((a, b) => b.accuracy - a.accuracy || a.parameters - b.parameters || (a.name < b.name ? -1 : 1))
  return ranked.map(({ name }) => name)
}

function judgePart(part: GatedPart, score: PartMetrics, expected: number, minImages: number): Miss[] {
  const misses: Miss[] = []
  if (!(score.images >= minImages)) {
    misses.push({ kind: 'too few images', part, images: score.images, expected: minImages })
  }
  if (score.images > 0 && !(exactAccuracy(score) >= expected)) {
    misses.push({ kind: 'accuracy', part, score, expected, short: imagesShort(score, expected) })
  }
  return misses
}

/** The accuracy without the rounding of the file. */
function exactAccuracy({ accuracy, correct, images }: PartMetrics): number {
  return Number.isNaN(accuracy) ? Number.NaN : correct / images
}

function imagesShort({ accuracy, correct, images }: PartMetrics, expected: number): number {
  if (Number.isNaN(accuracy)) return Number.NaN
  // Rounding may put expected * images a hair beside the whole number that it is.
  const about = Math.floor(expected * images)
  const needed = [about, about + 1].find((count) => count / images >= expected) ?? images
  return needed - correct
}
