import { readFileSync } from 'node:fs'
import type { mcnemarPower } from '../../src/scores/compare.ts'
import type { Interval } from '../../src/scores/interval.ts'
import type { Prediction } from '../../src/scores/predictions.ts'

/** What test/fixtures/metrics.py wrote. */
interface Golden {
  readonly classes: readonly string[]
  readonly scores: readonly {
    readonly name: string
    readonly labels: readonly string[]
    readonly probabilities: readonly (readonly number[])[]
    readonly confusion: readonly (readonly number[])[]
    readonly per_class: Readonly<Record<string, Readonly<Record<'precision' | 'recall' | 'f1' | 'support', number>>>>
    readonly macro: Readonly<Record<'precision' | 'recall' | 'f1', number>>
    readonly loss: number
    readonly brier: number
    /** null where scikit-learn has none. */
    readonly auc: Readonly<Record<string, number | null>>
    readonly reliability: readonly { readonly images: number; readonly share: number; readonly confidence: number }[]
    readonly calibration_error: number
    readonly calibration_error_equal_mass: number
    readonly bootstrap: { readonly low: number; readonly high: number }
  }[]
  readonly intervals: readonly {
    readonly correct: number
    readonly images: number
    readonly confidence: number
    readonly low: number
    readonly high: number
  }[]
  readonly lower_bounds: readonly { readonly correct: number; readonly images: number; readonly bound: number }[]
  readonly binomial_tails: readonly {
    readonly least: number
    readonly trials: number
    readonly chance: number
    readonly tail: number
  }[]
  readonly temperatures: readonly {
    readonly labels: readonly string[]
    readonly probabilities: readonly (readonly number[])[]
    readonly temperature: number
    readonly loss: number
    readonly calibrated: readonly (readonly number[])[]
  }[]
}

export const golden: Golden = JSON.parse(readFileSync(new URL('../fixtures/metrics.json', import.meta.url), 'utf8'))

type ResampledScores = Readonly<Record<'macro_f1' | 'macro_auc' | 'loss' | 'brier', Interval>>

/** What test/fixtures/statistics.py wrote. */
interface Statistics {
  readonly mid_p: readonly { readonly fixed: number; readonly broken: number; readonly p: number }[]
  readonly mid_p_intervals: readonly {
    readonly correct: number
    readonly images: number
    readonly low: number
    readonly high: number
  }[]
  readonly fractional_intervals: Statistics['mid_p_intervals']
  readonly bootstrap: {
    readonly labels: readonly number[]
    readonly groups: readonly number[]
    readonly probabilities: readonly (readonly number[])[]
    /** Of draws of images, and of whole groups. */
    readonly images: ResampledScores
    readonly clusters: ResampledScores
  }
  readonly perfect: readonly {
    readonly probabilities: readonly number[]
    readonly expected: number
    readonly p95: number
  }[]
  readonly powers: readonly (Parameters<typeof mcnemarPower>[0] & { readonly power: number })[]
}

export const statistics: Statistics = JSON.parse(
  readFileSync(new URL('../fixtures/statistics.json', import.meta.url), 'utf8'),
)

/** The predictions of one golden case, all of one part. */
export function goldenPredictions(
  { labels, probabilities }: Pick<Golden['scores'][number], 'labels' | 'probabilities'>,
  part: Prediction['part'] = 'validation',
): Prediction[] {
  return labels.map((label, index) => ({
    id: `${part}/${index}.png`,
    part,
    label,
    probabilities: probabilities[index] ?? [],
  }))
}
