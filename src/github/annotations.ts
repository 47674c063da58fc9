import { isMap, LineCounter, parseDocument } from 'yaml'
import { paths } from '../core/paths.ts'
import type { Miss } from '../gate/gate.ts'
import { explainMisses, minimumKey } from '../gate/verdict.ts'
import { explainRegression } from '../review/explain.ts'
import { logLine } from '../review/literal.ts'
import { isFailed } from '../review/regression.ts'
import type { Review } from '../review/review.ts'
import { accuracy } from '../scores/format.ts'
import { metricsOf } from '../scores/results.ts'
import type { Annotation } from './check.ts'

/** The gate's verdict, with the params.yaml and the scores that it is based on. */
export type JudgedResults = Pick<Review, 'scored' | 'gate'> & { readonly paramsText: string }

/** One annotation for each threshold of the gate, missed or reached, at its line of params.yaml. */
export function gateAnnotations({ paramsText, scored, gate }: JudgedResults): Annotation[] {
  const lineOf = gateLines(paramsText)
  const failures = gate.misses.map((miss): Annotation => {
    const key = thresholdOf(miss)
    const message = explainMisses({ ...gate, misses: [miss] }, scored, logLine)
    return { path: paths.params, line: lineOf(key), level: 'failure', title: `gate.${key} missed`, message }
  })
  const metrics = metricsOf(scored)[gate.chosen ?? '']
  if (!metrics) return failures
  const missed = gate.misses.map(thresholdOf)
  const reached = (['validation', 'test'] as const).filter((part) => !missed.includes(part))
  return [
    ...failures,
    ...reached.map((part): Annotation => {
      const message = `${logLine(gate.chosen ?? '')} reaches ${accuracy(metrics[part])}.`
      return { path: paths.params, line: lineOf(part), level: 'notice', title: `gate.${part} reached`, message }
    }),
  ]
}

const REGRESSION_TITLES = {
  'no base': 'gate.regression.alpha: no base',
  'too few': 'gate.regression.minImages: too few images',
  'no worse': 'gate.regression.alpha: not significantly worse',
  worse: 'gate.regression.alpha: significantly worse',
  'maybe worse': 'gate.regression.margin: not shown to be close',
} as const

export function reviewAnnotations(review: Review): Annotation[] {
  const { head, scored, gate, regression, notices } = review
  const comparison: Annotation = {
    path: paths.params,
    line: gateLines(head.paramsText)(REGRESSION_TITLES[regression.kind].replace(/^gate\.|:.*/g, '')),
    level: isFailed(regression) ? 'failure' : 'notice',
    title: REGRESSION_TITLES[regression.kind],
    message: explainRegression(regression, review, logLine),
  }
  const listed = notices.filter(({ level }) => level !== 'note')
  return [
    ...gateAnnotations({ paramsText: head.paramsText, scored, gate }),
    comparison,
    ...listed.map(({ level, title, describe }): Annotation => {
      return {
        path: paths.params,
        line: 1,
        level: level === 'failure' ? 'failure' : 'warning',
        title,
        message: describe(logLine),
      }
    }),
  ]
}

function thresholdOf(miss: Miss): string {
  if (miss.kind === 'too few images') return minimumKey(miss.part)
  return 'part' in miss && miss.part === 'test' ? 'test' : 'validation'
}

/** Finds the line (from 1) of a key below `gate`; falls back to the line of `gate`, then to 1. */
function gateLines(text: string): (key: string) => number {
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
