import type { Params } from '../command-line/params.ts'
import { sha256 } from '../core/files.ts'
import { judge, type Verdict } from '../gate/gate.ts'
import { type Certificate, formatCertificate } from '../review/certificate.ts'
import { pluralize } from '../scores/format.ts'
import { formatHistory } from '../scores/history.ts'
import { metricsOf } from '../scores/results.ts'
import { selectConfiguration } from '../train/params.ts'
import { formatCandidates } from './candidates-section.ts'
import { classBars } from './class-bars.ts'
import { curvesSpec } from './curves.ts'
import type { Evaluated } from './evaluations.ts'
import type { ReportInputs } from './inputs.ts'
import { type Candidate, labelCandidates } from './label-trouble.ts'
import type { Reveal } from './ledger.ts'
import { lineageOf } from './lineage.ts'
import { formatModelCard, NO_MODEL } from './model-card.ts'
import { PLOTS } from './plots.ts'
import { partThatChoseNothing } from './probability-sections.ts'
import { formatReadme } from './readme.ts'
import { reliabilityPlot } from './reliability-plot.ts'
import type { Results } from './results.ts'
import { revealsOfSet } from './reveals-section.ts'
import { drawSvg } from './svg.ts'

/** The verdict, and the text of all that report makes. */
export interface Report extends Results {
  readonly verdict: Verdict
  /** Images whose label a person may want to look at. */
  readonly candidates: readonly Candidate[]
  /** Every look at this run's test set. */
  readonly reveals: readonly Reveal[]
}

/** Judges the evaluations and puts them into words and images; the same inputs give the same bytes. */
export async function renderReport(inputs: ReportInputs, params: Params): Promise<Report> {
  const { evaluations, ledger, data } = inputs
  const verdict = judge(metricsOf(evaluations), params.gate)
  const { chosen = '' } = verdict
  const evaluated = evaluations[chosen]
  const answers = Object.fromEntries(Object.entries(evaluations).map(([name, { predictions }]) => [name, predictions]))
  const classes = evaluated?.confusion.validation.classes ?? []
  const candidates = evaluated ? labelCandidates(answers, { chosen, classes }) : []
  const reveals = revealsOfSet(ledger, evaluations)
  const readme = formatReadme({
    title: params.report.title,
    evaluations,
    verdict,
    gate: params.gate,
    trainOf: (name) => selectConfiguration(params, name).train,
    data,
    reveals,
    candidates,
  })
  const certificate = evaluated && certificateOf(chosen, evaluated, inputs, params)
  return {
    verdict,
    candidates,
    reveals,
    answers,
    plots: { ...(await drawCurves(evaluations)), ...(evaluated && (await drawChosen(chosen, evaluated, evaluations))) },
    readme,
    modelCard: evaluated && certificate ? formatModelCard({ params, data, evaluated, certificate }) : NO_MODEL,
    certificate: certificate ? formatCertificate(certificate) : '{}\n',
    candidatesCsv: formatCandidates(candidates),
  }
}

/** What was made, in a few words. */
export function summarizeReport({ verdict: { chosen = 'nothing' }, answers }: Report, path: string): string {
  return `${chosen} chosen, ${pluralize(Object.keys(answers).length, 'configuration')}, ${path}`
}

async function drawCurves(evaluations: Readonly<Record<string, Evaluated>>): Promise<Record<string, string>> {
  const plots: Record<string, string> = {}
  for (const [name, { metrics, history }] of Object.entries(evaluations)) {
    plots[name] = await drawSvg(curvesSpec({ name, history, bestEpoch: metrics.best_epoch }))
  }
  return plots
}

/** Plots of the chosen configuration, where there are images to draw. */
async function drawChosen(
  name: string,
  evaluated: Evaluated,
  evaluations: Readonly<Record<string, Evaluated>>,
): Promise<Record<string, string>> {
  const part = partThatChoseNothing(metricsOf(evaluations))
  if (evaluated.metrics[part].images === 0) return {}
  return {
    [PLOTS.reliability]: await drawSvg(reliabilityPlot(name, part, evaluated)),
    [PLOTS.classes]: await drawSvg(classBars(name, part, evaluated.metrics[part])),
  }
}

function certificateOf(config: string, { identity, history }: Evaluated, inputs: ReportInputs, params: Params) {
  const { entry, train } = selectConfiguration(params, config)
  const { model, testSet } = identity
  const files = Object.entries(model.files).map(([name, hash]) => [`model/${name}`, hash] as const)
  const certificate: Certificate = {
    configuration: config,
    seed: entry.seed ?? params.seed,
    deterministic: train.deterministic,
    threads: train.threads,
    ...lineageOf(inputs.origins, params, config, testSet),
    model: model.digest,
    files: { ...Object.fromEntries(files), 'history.csv': sha256(formatHistory(history)) },
  }
  return certificate
}
