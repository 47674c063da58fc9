import { code, escaped } from '../core/markdown.ts'
import { rankConfigurations, type Verdict } from '../gate/gate.ts'
import type { GateParams } from '../gate/params.ts'
import { explainMissesInMarkdown } from '../gate/verdict.ts'
import { accuracy, percent, pluralize } from '../scores/format.ts'
import { EVALUATED_PARTS } from '../scores/predictions.ts'
import { metricsOf } from '../scores/results.ts'
import type { TrainParams } from '../train/params.ts'
import { candidatesSection } from './candidates-section.ts'
import { classTable } from './class-table.ts'
import { comparisonSection } from './comparison-section.ts'
import { confusionTable } from './confusion-table.ts'
import type { DataCard } from './data-card.ts'
import { dataSection } from './data-section.ts'
import type { Evaluated } from './evaluations.ts'
import type { Candidate } from './label-trouble.ts'
import type { Reveal } from './ledger.ts'
import { PLOTS } from './plots.ts'
import { partThatChoseNothing, probabilitySections } from './probability-sections.ts'
import { missingReasons, resultsTable } from './results-table.ts'
import { revealsSection } from './reveals-section.ts'
import { trainingNotes } from './training-notes.ts'

/** What results/README.md is made from. */
export interface ReadmeContent {
  readonly title: string
  readonly evaluations: Readonly<Record<string, Evaluated>>
  readonly verdict: Verdict
  readonly gate: GateParams
  /** How a configuration is trained. */
  readonly trainOf: (name: string) => TrainParams
  readonly data: DataCard
  readonly reveals: readonly Reveal[]
  readonly candidates: readonly Candidate[]
}

const ABOUT_THE_TABLE =
  'In brackets: how many images are right of how many, and the exact 95 % interval (Clopper-Pearson) in percent. ' +
  'Validation chose the epoch of each configuration and the configuration, so it flatters; holdout chose nothing; ' +
  'the test images are a set of their own, which the gate asks about. F1 is the mean over the classes.'

const HOW_TO =
  '`npm run repro` in a checkout of this commit makes all of this again, and does nothing where it is there; ' +
  '[model-card.md](model-card.md) has the digests of what went in, and `npm run certify` trains the chosen configuration again and compares.'

/** The text of results/README.md: verdict, tables, plots, the images, and how to make it again. */
export function formatReadme(content: ReadmeContent): string {
  const { title, evaluations, verdict, data, candidates } = content
  const metrics = metricsOf(evaluations)
  const sections = [
    `# ${escaped(title)}`,
    verdictText(content),
    '## Results',
    resultsTable(metrics, verdict.chosen),
    ...missingReasons(metrics).map((reason) => `${reason}.`),
    ABOUT_THE_TABLE,
    ...revealsOfChosen(content),
    ...probabilitySections(evaluations, verdict),
    ...comparisonSection(evaluations, verdict),
    ...confusionSections(content),
    '## Learning curves',
    ...rankConfigurations(metrics).flatMap((name) => curvesSection(name, content)),
    ...(verdict.chosen === undefined ? [] : candidatesSection(candidates, verdict.chosen)),
    ...dataSection(data),
    '## How to reproduce',
    HOW_TO,
  ]
  return `${sections.join('\n\n')}\n`
}

function verdictText({ evaluations, verdict, gate }: ReadmeContent): string {
  const metrics = evaluations[verdict.chosen ?? '']?.metrics
  if (verdict.misses.length > 0 || !metrics)
    return `**Gate failed.** ${explainMissesInMarkdown(verdict, evaluations, code)}`
  const count = Object.keys(evaluations).length
  const has =
    count > 1 ? `the best validation accuracy of ${pluralize(count, 'configuration')}` : 'a validation accuracy'
  return `**Gate passed.** ${code(verdict.chosen ?? '')} has ${has}, ${accuracy(metrics.validation)}, and the gate asks for ${percent(gate.validation)}; on the test images it reaches ${accuracy(metrics.test)}, and the gate asks for ${percent(gate.test)}. These ${metrics.test.images} images alone say with a confidence of 95 % that it is right on at least ${percent(metrics.test.accuracy_at_least)} of images like them.`
}

function revealsOfChosen({ evaluations, verdict, reveals, gate }: ReadmeContent): string[] {
  const metrics = evaluations[verdict.chosen ?? '']?.metrics
  return metrics ? revealsSection(reveals, metrics, gate) : []
}

/** The curves of a configuration, and what is to be known of its training. */
function curvesSection(name: string, { evaluations, trainOf }: ReadmeContent): string[] {
  const evaluated = evaluations[name]
  if (!evaluated) return []
  const { history } = evaluated
  return [
    `![Loss and accuracy of ${name} over ${pluralize(history.length, 'epoch')}](plots/${name}.svg)`,
    `${code(name)}: ${trainingNotes(evaluated, trainOf(name)).map(escaped).join('; ')}.`,
  ]
}

function confusionSections({ evaluations, verdict }: ReadmeContent): string[] {
  const chosen = evaluations[verdict.chosen ?? '']
  if (!chosen) return []
  const tables = EVALUATED_PARTS.flatMap((part) => [
    `### ${part.charAt(0).toUpperCase()}${part.slice(1)}`,
    ...(chosen.metrics[part].images > 0
      ? [confusionTable(chosen.confusion[part]), classTable(chosen.metrics[part])]
      : [`There are no ${part} images.`]),
  ])
  const part = partThatChoseNothing(metricsOf(evaluations))
  const bars =
    chosen.metrics[part].images > 0
      ? [`![Precision, recall and F1 of each class on the ${part} images](plots/${PLOTS.classes}.svg)`]
      : []
  return [`## Confusion matrix of ${code(verdict.chosen ?? '')}`, ...bars, ...tables]
}
