import { recordByName } from '../core/names.ts'
import { paths } from '../core/paths.ts'
import { judge, type Verdict } from '../gate/gate.ts'
import { formatVerdict } from '../gate/verdict.ts'
import { pluralize } from '../scores/format.ts'
import { describeEnding } from '../scores/history.ts'
import { headlineOf, metricsOf } from '../scores/results.ts'
import { classBars } from './class-bars.ts'
import { curvesFigure } from './curves.ts'
import { type Block, code, paragraph, type Section, section, text } from './document.ts'
import type { Evaluations, ReportInputs } from './inputs.ts'
import { formatModelCard } from './model-card.ts'
import type { ReportParams } from './params.ts'
import { reliabilityFigure } from './reliability.ts'
import type { Results } from './results.ts'
import { comparisonSections } from './sections/comparison.ts'
import { CLASSES_PLOT, confusionSection } from './sections/confusion.ts'
import { curvesSection } from './sections/curves.ts'
import { dataSection } from './sections/data.ts'
import { durationsSection, unrecorded } from './sections/durations.ts'
import { type Candidate, formatCandidates, labelCandidates, labelsSection } from './sections/labels.ts'
import { noveltySections } from './sections/novelty.ts'
import { probabilitySections, RELIABILITY_PLOT, unbiasedPart } from './sections/probabilities.ts'
import { resultsSection } from './sections/results-table.ts'
import { sourcesSections } from './sections/sources.ts'
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
  /** Everything else that the report says, in the order of both of its formats. */
  readonly sections: readonly Section[]
  /** Images whose label may be wrong. */
  readonly candidates: readonly Candidate[]
}

/** Judges the evaluations and describes them; the same inputs give the same bytes. */
export async function renderReport(inputs: ReportInputs, params: ReportParams): Promise<Report> {
  const { evaluations, looks, seeds, data } = inputs
  const { title } = params.report
  const metrics = metricsOf(evaluations)
  const verdict = judge(metrics, params.gate)
  const { chosen = '' } = verdict
  const evaluated = evaluations[chosen]
  const answers = recordByName(Object.entries(evaluations).map(([name, { predictions }]) => [name, predictions]))
  const classes = evaluated?.confusion.validation.classes ?? []
  const candidates = evaluated ? labelCandidates(answers, { chosen, classes }) : []
  const lead = verdictBlocks(evaluations, verdict, params.gate)
  const sections = [
    resultsSection(evaluations, chosen, seeds),
    ...(evaluated ? looksSections(looks, evaluations, evaluated, params.gate) : []),
    ...probabilitySections(evaluations, chosen),
    ...noveltySections(evaluations, chosen),
    ...comparisonSections(evaluations, chosen),
    ...(evaluated ? [confusionSection(chosen, evaluated, unbiasedPart(evaluations))] : []),
    ...(evaluated ? sourcesSections(chosen, evaluated, data.origins) : []),
    curvesSection(evaluations),
    ...(evaluated ? [labelsSection(candidates, chosen)] : []),
    dataSection(data),
    durationsSection(inputs),
    REPRODUCE,
  ]
  return {
    title,
    verdict,
    lead,
    sections,
    candidates,
    answers,
    plots: await drawPlots(evaluations, chosen),
    texts: {
      [paths.resultsReadme]: writeMarkdown(title, lead, sections),
      [paths.resultsAccuracy]: `${JSON.stringify(headlineOf(evaluated?.metrics), null, 2)}\n`,
      [paths.resultsGate]: formatVerdict(verdict),
      [paths.resultsCard]: formatModelCard(chosen, evaluated, { params, data }),
      [paths.resultsCandidates]: formatCandidates(candidates),
    },
  }
}

const REPRODUCE = section({ id: 'reproduce', title: 'How to reproduce' }, [
  paragraph(
    text`${code('npm run repro')} in a checkout of this commit makes all of this again, and does nothing where it is up to date. The commit with its ${code('dvc.lock')} certifies the results; ${code('npm run certify')} trains the chosen configuration again and compares. ${code('npm run open')} shows these results with the images behind them, ${code('npm run demo')} tries the chosen model on images of your own.`,
  ),
])

export function summarizeReport(
  { verdict: { chosen = 'nothing' } }: Pick<Report, 'verdict'>,
  inputs: Pick<ReportInputs, 'evaluations' | 'trainings'>,
  path: string,
): string {
  const missing = unrecorded(inputs).length
  const note =
    missing > 0 ? `; ${pluralize(missing, 'training is', 'trainings are')} not recorded: run \`npm run repro\`` : ''
  return `${chosen} chosen, ${pluralize(Object.keys(inputs.evaluations).length, 'configuration')}, ${path}${note}`
}

/** The curves of each configuration, and plots of the chosen one if there are images to draw. */
async function drawPlots(evaluations: Evaluations, chosen: string): Promise<Record<string, string>> {
  const plots = recordByName<string>([])
  for (const [name, { metrics, history }] of Object.entries(evaluations)) {
    const curves = { name, history, bestEpoch: metrics.best_epoch, ending: describeEnding(history) }
    plots[name] = await drawSvg(curvesFigure(curves))
  }
  const evaluated = evaluations[chosen]
  const part = unbiasedPart(evaluations)
  if (!evaluated || evaluated.metrics[part].images === 0) return plots
  plots[RELIABILITY_PLOT] = await drawSvg(reliabilityFigure(chosen, part, evaluated))
  plots[CLASSES_PLOT] = await drawSvg(classBars(chosen, part, evaluated.metrics[part]))
  return plots
}
