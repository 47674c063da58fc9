import { exactAccuracy } from '../scores/format.ts'
import type { Metrics, PartMetrics } from '../scores/metrics.ts'
import { EVALUATED_PARTS, type EvaluatedPart } from '../scores/predictions.ts'
import type { Thresholds } from './params.ts'

export type GatedPart = 'validation' | 'test'

export type Miss =
  | { readonly kind: 'nothing to choose'; readonly configurations: readonly string[] }
  | { readonly kind: 'too few images'; readonly part: GatedPart; readonly images: number; readonly expected: number }
  /** Classes without an image in a part, so that its accuracy says nothing about them. */
  | { readonly kind: 'empty class'; readonly part: GatedPart | 'train'; readonly classes: readonly string[] }
  | {
      readonly kind: 'not a number'
      readonly configuration: string
      readonly part: EvaluatedPart
      readonly metrics: readonly string[]
    }
  | {
      readonly kind: 'accuracy'
      readonly part: GatedPart
      readonly score: PartMetrics
      readonly expected: number
      /** How many more images had to be right. */
      readonly short: number
    }

/** The gate's verdict; passed without misses. */
export interface Verdict {
  /** The configuration judged; undefined when none has a validation accuracy. */
  readonly chosen: string | undefined
  readonly misses: readonly Miss[]
}

/** Judges the configuration with the best validation accuracy by the thresholds; missing numbers and NaN fail. */
export function judge(metrics: Readonly<Record<string, Metrics>>, gate: Thresholds): Verdict {
  const chosen = chosenOf(metrics)
  const scores = metrics[chosen ?? '']
  if (!scores) {
    return { chosen: undefined, misses: [{ kind: 'nothing to choose', configurations: Object.keys(metrics).sort() }] }
  }
  return {
    chosen,
    misses: [
      ...emptyClasses(scores),
      ...notNumbers(metrics),
      ...judgePart('validation', scores.validation, gate.validation, gate.minValidationImages),
      ...judgePart('test', scores.test, gate.test, gate.minTestImages),
    ],
  }
}

/** The configuration with the best validation accuracy; undefined when none has one. */
export function chosenOf(metrics: Readonly<Record<string, Metrics>>): string | undefined {
  return rankConfigurations(metrics).find((name) => (metrics[name]?.validation.accuracy ?? Number.NaN) >= 0)
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
  // NaN is reported as NaN.
  if (Number.isFinite(score.accuracy) && !(exactAccuracy(score) >= expected)) {
    const short = imagesNeeded(expected, score.images) - score.correct
    misses.push({ kind: 'accuracy', part, score, expected, short })
  }
  return misses
}

function emptyClasses({ train_images_per_class: train, validation, test }: Metrics): Miss[] {
  const supports = (part: PartMetrics) => [...part.per_class].map(([name, { support }]) => [name, support] as const)
  const parts = { train: [...train], validation: supports(validation), test: supports(test) } as const
  return (['train', 'validation', 'test'] as const).flatMap((part): Miss[] => {
    const classes = parts[part].filter(([, images]) => !(images > 0)).map(([name]) => name)
    return classes.length > 0 ? [{ kind: 'empty class', part, classes }] : []
  })
}

/** Metrics that must be finite in every part with images. */
const NUMBERS = [
  'accuracy',
  'macro_precision',
  'macro_recall',
  'macro_f1',
  'loss',
  'brier',
  'calibration_error',
] as const

/** Metrics that are not finite in any configuration: it might have been the best. */
function notNumbers(metrics: Readonly<Record<string, Metrics>>): Miss[] {
  return Object.entries(metrics).flatMap(([configuration, scores]) =>
    EVALUATED_PARTS.filter((part) => scores[part].images > 0).flatMap((part): Miss[] => {
      const broken = NUMBERS.filter((name) => !Number.isFinite(scores[part][name]))
      return broken.length > 0 ? [{ kind: 'not a number', configuration, part, metrics: broken }] : []
    }),
  )
}

/** The smallest number of correct images whose share is at least `share`. */
export function imagesNeeded(share: number, images: number): number {
  // share * images may be a whole number but for rounding.
  const about = Math.floor(share * images)
  return [about, about + 1].find((count) => count / images >= share) ?? images
}
