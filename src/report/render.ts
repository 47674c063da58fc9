import { judge, type Verdict } from '../gate/gate.ts'
import { pluralize } from '../scores/format.ts'
import { describeEnding } from '../scores/history.ts'
import { metricsOf } from '../scores/results.ts'
import { classBars } from './class-bars.ts'
import { curvesFigure } from './curves.ts'
import { type Block, code, paragraph, type Section, text } from './document.ts'
import { type Evaluated, looksAtTestSet, type ReportInputs } from './inputs.ts'
import { formatModelCard } from './model-card.ts'
import type { ReportParams } from './params.ts'
import { reliabilityFigure } from './reliability.ts'
import type { Results } from './results.ts'
import { comparisonSections } from './sections/comparison.ts'
import { CLASSES_PLOT, confusionSections } from './sections/confusion.ts'
import { curvesSection } from './sections/curves.ts'
import { dataSection } from './sections/data.ts'
import { durationsSection, unrecorded } from './sections/durations.ts'
import { type Candidate, formatCandidates, labelCandidates, labelsSection } from './sections/labels.ts'
import { probabilitySections, RELIABILITY_PLOT, unbiasedPart } from './sections/probabilities.ts'
import { resultsSection } from './sections/results-table.ts'
import { looksSections } from './sections/test-set-looks.ts'
import { verdictBlocks } from './sections/verdict.ts'
import { drawSvg } from './svg.ts'
import { writeMarkdown } from './write-markdown.ts'

/** The report as data, and the files of results/ that it makes. */
export interface Report extends Results {
  readonly title: string
  readonly verdict: Verdict
  /** Whether the gate is passed and why. */
  readonly lead: readonly Block[]
  readonly sections: readonly Section[]
  /** Images whose label may be wrong. */
  readonly candidates: readonly Candidate[]
}

/** Judges the evaluations and describes them; the same inputs give the same bytes. */
export async function renderReport(inputs: ReportInputs, params: ReportParams): Promise<Report> {
  const { evaluations, data } = inputs
  const { title } = params.report
  const verdict = judge(metricsOf(evaluations), params.gate)
  const { chosen = '' } = verdict
  const evaluated = evaluations[chosen]
  const answers = Object.fromEntries(Object.entries(evaluations).map(([name, { predictions }]) => [name, predictions]))
  const classes = evaluated?.confusion.validation.classes ?? []
  const candidates = evaluated ? labelCandidates(answers, { chosen, classes }) : []
  const lead = verdictBlocks(evaluations, verdict, params.gate)
  const sections = sectionsOf(inputs, params, { verdict, candidates })
  return {
    title,
    verdict,
    lead,
    sections,
    candidates,
    answers,
    plots: { ...(await drawCurves(evaluations)), ...(evaluated && (await drawChosen(chosen, evaluated, evaluations))) },
    readme: writeMarkdown(title, lead, sections),
    modelCard: formatModelCard({ params, data, chosen, evaluated }),
    candidatesCsv: formatCandidates(candidates),
  }
}

/** Everything that the report says, in the order of both of its formats. */
function sectionsOf(
  { evaluations, looks, trainings, data }: ReportInputs,
  params: ReportParams,
  { verdict, candidates }: { readonly verdict: Verdict; readonly candidates: readonly Candidate[] },
): Section[] {
  const metrics = metricsOf(evaluations)
  const { chosen } = verdict
  const evaluated = evaluations[chosen ?? '']
  return [
    resultsSection(metrics, chosen),
    ...(evaluated ? looksSections(looksAtTestSet(looks, evaluations), evaluated.metrics, params.gate) : []),
    ...probabilitySections(evaluations, verdict),
    ...comparisonSections(evaluations, verdict),
    ...confusionSections(chosen ?? '', evaluated, metrics),
    curvesSection(evaluations),
    ...(chosen === undefined ? [] : [labelsSection(candidates, chosen)]),
    dataSection(data),
    durationsSection(evaluations, trainings),
    REPRODUCE,
  ]
}

const REPRODUCE: Section = {
  id: 'reproduce',
  title: 'How to reproduce',
  blocks: [
    paragraph(
      text`${code('npm run repro')} in a checkout of this commit makes all of this again, and does nothing where it is up to date. The commit with its ${code('dvc.lock')} certifies the results; ${code('npm run certify')} trains the chosen configuration again and compares. ${code('npm run open')} shows these results with the images behind them, ${code('npm run demo')} tries the chosen model on images of your own.`,
    ),
  ],
}

/** One line on what was made, and on trainings without a record. */
export function summarizeReport(
  { verdict: { chosen = 'nothing' } }: Pick<Report, 'verdict'>,
  { evaluations, trainings }: Pick<ReportInputs, 'evaluations' | 'trainings'>,
  path: string,
): string {
  const missing = unrecorded(evaluations, trainings).length
  const note =
    missing > 0 ? `; ${pluralize(missing, 'training is', 'trainings are')} not recorded: run \`npm run repro\`` : ''
  return `${chosen} chosen, ${pluralize(Object.keys(evaluations).length, 'configuration')}, ${path}${note}`
}

async function drawCurves(evaluations: Readonly<Record<string, Evaluated>>): Promise<Record<string, string>> {
  const plots: Record<string, string> = {}
  for (const [name, { metrics, history }] of Object.entries(evaluations)) {
    const curves = { name, history, bestEpoch: metrics.best_epoch, ending: describeEnding(history) }
    plots[name] = await drawSvg(curvesFigure(curves))
  }
  return plots
}

/** Plots of the chosen configuration, if there are images to draw. */
async function drawChosen(
  name: string,
  evaluated: Evaluated,
  evaluations: Readonly<Record<string, Evaluated>>,
): Promise<Record<string, string>> {
  const part = unbiasedPart(metricsOf(evaluations))
  if (evaluated.metrics[part].images === 0) return {}
  return {
    [RELIABILITY_PLOT]: await drawSvg(reliabilityFigure(name, part, evaluated)),
    [CLASSES_PLOT]: await drawSvg(classBars(name, part, evaluated.metrics[part])),
  }
}
