import { markdownTable } from 'markdown-table'
import { escaped } from '../core/markdown.ts'
import { rankConfigurations } from '../gate/gate.ts'
import { accuracyWithInterval, MISSING, score, whole } from '../scores/format.ts'
import type { Metrics } from '../scores/metrics.ts'
import { EVALUATED_PARTS, type EvaluatedPart } from '../scores/predictions.ts'
import type { PartScores } from '../scores/scores.ts'
import { majorityBaseline } from './baseline.ts'

type Scores = Readonly<Record<EvaluatedPart, PartScores>>

const HEADER = ['Configuration', 'Validation', 'Holdout', 'Test', 'F1 (validation)', 'Parameters', 'Epochs (best)']
const ALIGN = ['l', 'r', 'r', 'r', 'r', 'r', 'r'] as const

/** The table of all configurations, the best by validation first and the chosen one marked, and of guessing. */
export function resultsTable(metrics: Readonly<Record<string, Metrics>>, chosen: string | undefined): string {
  const ranked = rankConfigurations(metrics).flatMap((name) => {
    const scores = metrics[name]
    return scores ? [{ name, scores }] : []
  })
  const rows = ranked.map(({ name, scores }) => [
    name === chosen ? `**${name}** (chosen)` : name,
    ...scoreCells(scores),
    whole(scores.parameters),
    `${scores.epochs} (${scores.best_epoch})`,
  ])
  const [first] = ranked
  return markdownTable([HEADER, ...rows, ...(first ? [baselineRow(first.scores)] : [])], { align: ALIGN })
}

/** Why cells of the table hold a dash; empty when none does. */
export function missingReasons(metrics: Readonly<Record<string, Metrics>>): string[] {
  return EVALUATED_PARTS.flatMap((part) => {
    const scores = Object.entries(metrics).map(([name, ofConfiguration]) => ({ name, score: ofConfiguration[part] }))
    const empty = scores.some(({ score }) => score.images === 0)
    const broken = scores.filter(({ score }) => score.images > 0 && Number.isNaN(score.accuracy + score.macro_f1))
    return [
      ...(empty ? [`${MISSING} there are no ${part} images`] : []),
      ...broken.map(({ name }) => `${MISSING} the ${part} scores of ${name} are not numbers`),
    ]
  })
}

function baselineRow(metrics: Metrics): string[] {
  const baseline = majorityBaseline(metrics)
  return [`always "${escaped(baseline.label)}"`, ...scoreCells(baseline.metrics), '0', '0']
}

function scoreCells(scores: Scores): string[] {
  return [...EVALUATED_PARTS.map((part) => accuracyWithInterval(scores[part])), score(scores.validation.macro_f1)]
}
