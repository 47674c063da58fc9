import { selectConfiguration } from '../config/load.ts'
import type { Params } from '../config/schema.ts'
import { judge, type Verdict } from '../evaluation/gate.ts'
import { curvesSpec } from './curves.ts'
import type { Evaluated } from './evaluations.ts'
import { amount } from './format.ts'
import { formatReadme } from './readme.ts'
import type { Results } from './results.ts'
import { metricsOf } from './scored.ts'
import { drawSvg } from './svg.ts'

/** The verdict, and the text of all that report makes. */
export interface Report extends Results {
  readonly verdict: Verdict
}

/** Judges the evaluations and puts them into words and pictures; the same ones give the same bytes. */
export async function renderReport(evaluations: Readonly<Record<string, Evaluated>>, params: Params): Promise<Report> {
  const { gate } = params
  const verdict = judge(metricsOf(evaluations), gate)
  const plots: Record<string, string> = {}
  for (const [name, { metrics, history }] of Object.entries(evaluations)) {
    plots[name] = await drawSvg(curvesSpec({ name, history, bestEpoch: metrics.best_epoch }))
  }
  const { title } = params.report
  const trainOf = (name: string) => selectConfiguration(params, name).train
  const answers = Object.fromEntries(Object.entries(evaluations).map(([name, { predictions }]) => [name, predictions]))
  return { verdict, readme: formatReadme({ title, evaluations, verdict, gate, trainOf }), plots, answers }
}

/** What was made, in a few words. */
export function summarizeReport({ verdict: { chosen = 'nothing' }, plots }: Report, path: string): string {
  return `${chosen} chosen, ${amount(Object.keys(plots).length, 'configuration')}, ${path}`
}
