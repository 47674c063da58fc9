import { markdownTable } from 'markdown-table'
import { chosenOf, rankConfigurations } from '../gate/gate.ts'
import { accuracyWithInterval, exactAccuracy, MISSING, score, whole } from '../scores/format.ts'
import type { Metrics } from '../scores/metrics.ts'
import { EVALUATED_PARTS } from '../scores/predictions.ts'
import { metricsOf } from '../scores/results.ts'
import { signed, signedPoints } from './explain.ts'
import { literal } from './literal.ts'
import type { Review } from './review.ts'
import { isSnapshot } from './snapshot.ts'

const HEADER = ['Configuration', 'Validation', 'Holdout', 'Test', 'F1 (validation)', 'Parameters']
const ALIGN = ['l', 'r', 'r', 'r', 'r', 'r'] as const

/** The head's configurations, best on validation first, each with its change since the base; then those that were removed. */
export function reviewTable({ params, scored, gate, base }: Review): string {
  const metrics = metricsOf(scored)
  const before = isSnapshot(base) ? metricsOf(base.scored) : {}
  const chosenBefore = chosenOf(before)
  const names = Object.keys(params.models)
  const titleOf = (name: string) => {
    const isChosen = name === gate.chosen
    const notes = [
      ...(isChosen ? ['chosen'] : []),
      ...(name === chosenBefore && !isChosen ? ['chosen before'] : []),
      ...(isSnapshot(base) && !own(before, name) ? ['new'] : []),
    ]
    const title = isChosen ? `**${literal(name)}**` : literal(name)
    return notes.length > 0 ? `${title} (${notes.join(', ')})` : title
  }
  const rows = [
    ...rankConfigurations(metrics).map((name) => rowOf(titleOf(name), own(metrics, name), own(before, name))),
    ...names
      .filter((name) => !own(metrics, name))
      .map((name) => [`${literal(name)} (no results)`, ...HEADER.slice(1).map(() => MISSING)]),
    ...rankConfigurations(before)
      .filter((name) => !names.includes(name))
      .map((name) => rowOf(`${literal(name)} (removed)`, own(before, name), undefined).map((cell) => `~~${cell}~~`)),
  ]
  return markdownTable([HEADER, ...rows], { align: ALIGN, alignDelimiters: false })
}

function rowOf(title: string, metrics: Metrics | undefined, before: Metrics | undefined): string[] {
  if (!metrics) return [title]
  const accuracies = EVALUATED_PARTS.map((part) => {
    const change = exactAccuracy(metrics[part]) - (before ? exactAccuracy(before[part]) : Number.NaN)
    return withChange(accuracyWithInterval(metrics[part]), change, signedPoints(change))
  })
  const { macro_f1: f1 } = metrics.validation
  const change = f1 - (before?.validation.macro_f1 ?? Number.NaN)
  const size = Math.abs(change).toFixed(3)
  return [title, ...accuracies, withChange(score(f1), change, signed(change, size)), whole(metrics.parameters)]
}

/** A number with an arrow and its change; NaN: there is nothing to compare with. */
function withChange(text: string, change: number, size: string): string {
  if (Number.isNaN(change)) return text
  return change === 0 ? `${text} =` : `${text} ${change > 0 ? '▲' : '▼'} ${size}`
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
