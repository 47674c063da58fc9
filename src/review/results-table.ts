import { markdownTable } from 'markdown-table'
import { rankConfigurations } from '../gate/gate.ts'
import { accuracyWithInterval, MISSING, whole } from '../scores/format.ts'
import type { Metrics } from '../scores/metrics.ts'
import { EVALUATED_PARTS } from '../scores/predictions.ts'
import { metricsOf } from '../scores/results.ts'
import type { PartScores } from '../scores/scores.ts'
import { literal } from './literal.ts'
import { chosenOf } from './regression.ts'
import type { Review } from './review.ts'
import { isSnapshot } from './snapshot.ts'
import { signed } from './words.ts'

const HEADER = ['Configuration', 'Validation', 'Holdout', 'Test', 'F1 (validation)', 'Parameters']
const ALIGN = ['l', 'r', 'r', 'r', 'r', 'r'] as const

/** The configurations of the head, best on validation first, each beside itself in the base; then those that are gone. */
export function reviewTable({ params, scored, gate, base }: Review): string {
  const metrics = metricsOf(scored)
  const before = isSnapshot(base) ? base.metrics : {}
  const chosenBefore = isSnapshot(base) ? chosenOf(base) : undefined
  const names = Object.keys(params.models)
  const rows = [
    ...rankConfigurations(metrics).map((name) =>
      rowOf(
        named(name, { chosen: gate.chosen, chosenBefore, isNew: isSnapshot(base) && !own(before, name) }),
        own(metrics, name),
        own(before, name),
      ),
    ),
    ...names
      .filter((name) => !own(metrics, name))
      .map((name) => [`${literal(name)} (no results)`, ...HEADER.slice(1).map(() => MISSING)]),
    ...rankConfigurations(before)
      .filter((name) => !names.includes(name))
      .map((name) => rowOf(`${literal(name)} (gone)`, own(before, name), undefined).map((cell) => `~~${cell}~~`)),
  ]
  return markdownTable([HEADER, ...rows], { align: ALIGN, alignDelimiters: false })
}

function named(
  name: string,
  marks: { chosen: string | undefined; chosenBefore: string | undefined; isNew: boolean },
): string {
  const words = [
    ...(name === marks.chosen ? ['chosen'] : []),
    ...(name === marks.chosenBefore && name !== marks.chosen ? ['chosen before'] : []),
    ...(marks.isNew ? ['new'] : []),
  ]
  const text = name === marks.chosen ? `**${literal(name)}**` : literal(name)
  return words.length > 0 ? `${text} (${words.join(', ')})` : text
}

function rowOf(name: string, metrics: Metrics | undefined, before: Metrics | undefined): string[] {
  if (!metrics) return [name]
  return [
    name,
    ...EVALUATED_PARTS.map((part) =>
      withChange(accuracyWithInterval(metrics[part]), shareOf(metrics[part]), shareOf(before?.[part])),
    ),
    withChange(f1(metrics), metrics.validation.macro_f1, before?.validation.macro_f1),
    whole(metrics.parameters),
  ]
}

/** A number, and an arrow with its change against the base where there is one. */
function withChange(text: string, after: number, before: number | undefined): string {
  if (before === undefined || Number.isNaN(before) || Number.isNaN(after)) return text
  const change = after - before
  if (change === 0) return `${text} =`
  return `${text} ${change > 0 ? '▲' : '▼'} ${signed(change)}`
}

function f1({ validation: { macro_f1 } }: Metrics): string {
  return Number.isNaN(macro_f1) ? MISSING : (macro_f1 * 100).toFixed(1)
}

/** The accuracy without the rounding of the file. */
function shareOf(score: PartScores | undefined): number {
  return score === undefined || Number.isNaN(score.accuracy) ? Number.NaN : score.correct / score.images
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
