import { markdownTable } from 'markdown-table'
import { chosenOf, rankConfigurations } from '../gate/gate.ts'
import { confusionMatrix } from '../scores/confusion.ts'
import { accuracyWithInterval, MISSING, score, whole } from '../scores/format.ts'
import { type Answer, EVALUATED_PARTS, type EvaluatedPart } from '../scores/predictions.ts'
import { metricsOf, type Scored } from '../scores/results.ts'
import { scorePart } from '../scores/scores.ts'
import { signed, signedPoints } from './explain.ts'
import { literal } from './literal.ts'
import type { Review } from './review.ts'
import { isSnapshot } from './snapshot.ts'

const HEADER = ['Configuration', 'Validation', 'Holdout', 'Test', 'F1 (validation)', 'Parameters']
const ALIGN = ['l', 'r', 'r', 'r', 'r', 'r'] as const

/**
 * The head's configurations, best on validation first, each with its change since the base; then those that were removed.
 *
 * Changes are on the images that both have, so that no image that came, went or was relabelled counts as a gain.
 */
export function reviewTable({ params, scored, gate, base }: Review): string {
  const metrics = metricsOf(scored)
  const before = isSnapshot(base) ? base.scored : {}
  const chosenBefore = chosenOf(metricsOf(before))
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
    ...rankConfigurations(metrics).map((name) => rowOf(titleOf(name), own(scored, name), own(before, name))),
    ...names
      .filter((name) => !own(metrics, name))
      .map((name) => [`${literal(name)} (no results)`, ...HEADER.slice(1).map(() => MISSING)]),
    ...rankConfigurations(metricsOf(before))
      .filter((name) => !names.includes(name))
      .map((name) => rowOf(`${literal(name)} (removed)`, own(before, name), undefined).map((cell) => `~~${cell}~~`)),
  ]
  return markdownTable([HEADER, ...rows], { align: ALIGN, alignDelimiters: false })
}

function rowOf(title: string, scored: Scored | undefined, before: Scored | undefined): string[] {
  if (!scored) return [title]
  const { metrics } = scored
  const accuracies = EVALUATED_PARTS.map((part) => {
    const text = accuracyWithInterval(metrics[part])
    if (!before) return text
    const { change, note } = changeOf(part, before, scored)
    return withChange(text, change.accuracy, signedPoints(change.accuracy)) + note
  })
  const { macro_f1: f1 } = metrics.validation
  const changes = before && changeOf('validation', before, scored)
  const change = changes?.change.macro_f1 ?? Number.NaN
  const size = signed(change, Math.abs(change).toFixed(3))
  const cell = withChange(score(f1), change, size) + (changes?.note ?? '')
  return [title, ...accuracies, cell, whole(metrics.parameters)]
}

/** The change of the scores on the images of a part that both have with the same label, and how many these are unless all. */
function changeOf(part: EvaluatedPart, first: Scored, second: Scored) {
  const ofPart = ({ predictions }: Scored) => predictions.filter((answer) => answer.part === part)
  const [before, after] = [ofPart(first), ofPart(second)]
  const sharedWith = (others: readonly Answer[]) => {
    const labels = new Map(others.map(({ id, label }) => [id, label]))
    return ({ id, label }: Answer) => labels.get(id) === label
  }
  const shared = [before.filter(sharedWith(after)), after.filter(sharedWith(before))] as const
  const named = shared.flat().flatMap(({ label, prediction }) => [label, prediction])
  const ofMetrics = [first, second].flatMap(({ metrics }) => [...metrics[part].per_class.keys()])
  const classes = [...new Set([...ofMetrics, ...named])]
  const [was, is] = shared.map((answers) => scorePart(confusionMatrix(answers, classes), Number.NaN))
  const difference = (key: 'accuracy' | 'macro_f1') => (is?.[key] ?? Number.NaN) - (was?.[key] ?? Number.NaN)
  const count = shared[0].length
  if (count === 0) return { change: { accuracy: Number.NaN, macro_f1: Number.NaN }, note: '' }
  return {
    change: { accuracy: difference('accuracy'), macro_f1: difference('macro_f1') },
    note: count === before.length && count === after.length ? '' : ` on ${count} shared`,
  }
}

/** A number with an arrow and its change; NaN: there is nothing to compare with. */
function withChange(text: string, change: number, size: string): string {
  if (Number.isNaN(change)) return text
  return change === 0 ? `${text} =` : `${text} ${change > 0 ? '▲' : '▼'} ${size}`
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
