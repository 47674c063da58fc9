import { isMap, LineCounter, parseDocument } from 'yaml'
import { paths } from '../../core/paths.ts'
import type { Miss, Verdict } from '../../gate/gate.ts'
import { explainMisses } from '../../gate/verdict.ts'
import { logLine } from '../../review/literal.ts'
import type { Review } from '../../review/review.ts'
import { explainRegression } from '../../review/words.ts'
import { accuracy, pluralize } from '../../scores/format.ts'
import { metricsOf, type Scored } from '../../scores/results.ts'
import type { Annotation } from '../check.ts'

/** What the gate says, with the parameters that it was asked for. */
export interface Judged {
  readonly paramsText: string
  readonly scored: Readonly<Record<string, Scored>>
  readonly gate: Verdict
}

/** An annotation for each threshold of the gate, at its line of params.yaml: what was missed, and what was reached. */
export function gateAnnotations({ paramsText, scored, gate }: Judged): Annotation[] {
  const lineOf = linesOf(paramsText)
  const failures = gate.misses.map((miss): Annotation => {
    const key = thresholdOf(miss)
    const message = explainMisses({ ...gate, misses: [miss] }, scored, logLine)
    return { path: paths.params, line: lineOf(key), level: 'failure', title: `gate.${key} is missed`, message }
  })
  const metrics = metricsOf(scored)[gate.chosen ?? '']
  if (!metrics) return failures
  const missed = gate.misses.map(thresholdOf)
  const reached = (['validation', 'test'] as const).filter((part) => !missed.includes(part))
  return [
    ...failures,
    ...reached.map((part): Annotation => {
      const message = `${logLine(gate.chosen ?? '')} reaches ${accuracy(metrics[part])}.`
      return { path: paths.params, line: lineOf(part), level: 'notice', title: `gate.${part} is reached`, message }
    }),
  ]
}

/** The same of a review, with how the chosen model does beside the base's. */
export function reviewAnnotations(review: Review): Annotation[] {
  const { head, scored, gate, regression } = review
  const { paramsText } = head
  const lineOf = linesOf(paramsText)
  const key = regression.kind === 'too few' ? 'regression.minImages' : 'regression.alpha'
  const titles = {
    'no base': 'gate.regression: no base',
    'too few': `gate.${key}: too few`,
    'no worse': `gate.${key}: not significantly worse`,
    worse: `gate.${key}: significantly worse`,
  }
  const beside: Annotation = {
    path: paths.params,
    line: lineOf(key),
    level: regression.kind === 'worse' ? 'failure' : 'notice',
    title: titles[regression.kind],
    message: explainRegression(regression, review, logLine),
  }
  return [...gateAnnotations({ paramsText, scored, gate }), beside]
}

/** One line on a gate. */
export function gateTitle({ gate }: Pick<Judged, 'gate'>): string {
  return gate.misses.length === 0 ? 'Gate passed' : `Gate failed: ${pluralize(gate.misses.length, 'fault')}`
}

function thresholdOf(miss: Miss): string {
  if (miss.kind === 'too few images') return miss.part === 'validation' ? 'minValidationImages' : 'minTestImages'
  return 'part' in miss && miss.part === 'test' ? 'test' : 'validation'
}

/** The lines, from 1, that the keys of `gate` stand in; that of `gate`, else the first, for one that is not there. */
function linesOf(text: string): (key: string) => number {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter })
  const lineOf = (path: readonly string[]): number | undefined => {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1))
    const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === path.at(-1)) : undefined
    const start = (pair?.key as { range?: [number, number, number] } | undefined)?.range?.[0]
    return start === undefined ? undefined : counter.linePos(start).line
  }
  return (key) => lineOf(['gate', ...key.split('.')]) ?? lineOf(['gate']) ?? 1
}
