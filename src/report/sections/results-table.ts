import { compareNames } from '../../core/names.ts'
import { rankConfigurations } from '../../gate/gate.ts'
import { type SeedTrials, spreadOf, trialsOf } from '../../records/seeds.ts'
import { accuracyWithInterval, enumerated, MISSING, percent, points, score, whole } from '../../scores/format.ts'
import type { Metrics } from '../../scores/metrics.ts'
import { byPart, EVALUATED_PARTS, type EvaluatedPart } from '../../scores/predictions.ts'
import { metricsOf } from '../../scores/results.ts'
import { type PartScores, scorePart } from '../../scores/scores.ts'
import {
  type Block,
  type Cell,
  code,
  type Inline,
  paragraph,
  type Section,
  section,
  strong,
  type Table,
  table,
  text,
} from '../document.ts'
import { type Evaluated, ranked } from '../inputs.ts'
import { tableLines } from '../write-markdown.ts'

type MetricsByName = Readonly<Record<string, Metrics>>

const HEADER = ['Configuration', 'Validation', 'Holdout', 'Test', 'F1 (validation)', 'Parameters', 'Epochs (best)']

const ABOUT =
  'Each accuracy comes with its counts and the exact 95 % interval (Clopper-Pearson) in percent. Validation chose the epoch ' +
  'of each configuration and the configuration (of equal ones that with fewer parameters), so it flatters; holdout chose nothing here, but decides in reviews; the test ' +
  'images are a set of their own, which the gate judges. F1 is the unweighted mean over the classes. The majority-class baseline always predicts ' +
  'the most frequent class of the training images.'

export function resultsSection(
  evaluations: Readonly<Record<string, Pick<Evaluated, 'metrics' | 'history'>>>,
  chosen: string | undefined,
  seeds: readonly SeedTrials[],
): Section {
  const metrics = metricsOf(evaluations)
  return section({ id: 'results', title: 'Results', short: 'Results' }, [
    resultsTable(metrics, chosen),
    ...missingReasons(metrics).map((reason) => paragraph(`${reason}.`)),
    paragraph(ABOUT + describeGroups(metrics)),
    ...seedsBlocks(evaluations, seeds),
  ])
}

/** How much validation accuracy varies over seeds, of the configurations for which `npm run seeds` trained the same model. */
function seedsBlocks(
  evaluations: Readonly<Record<string, Pick<Evaluated, 'metrics' | 'history'>>>,
  seeds: readonly SeedTrials[],
): Block[] {
  const rows = ranked(evaluations).flatMap(([name, { metrics, history }]) => {
    const best = history.find(({ epoch }) => epoch === metrics.best_epoch)
    const trials = best
      ? trialsOf(seeds, name, {
          ...{ accuracy: best.validation_accuracy, loss: best.validation_loss },
          ...{ best_epoch: best.epoch, epochs: history.length },
        })
      : []
    if (trials.length === 0) return []
    const { mean, deviation, lowest } = spreadOf(trials.map(({ accuracy }) => accuracy))
    return [[name, String(trials.length), percent(mean), points(deviation), percent(lowest)]]
  })
  if (rows.length === 0) return []
  const header = ['Configuration', 'Seeds', 'Validation (mean)', 'Standard deviation', 'Lowest']
  return [
    paragraph(text`How much validation accuracy varies by chance in training (${code('npm run seeds')}):`),
    table('Validation accuracy over seeds', header, rows),
  ]
}

/** The effective numbers of images of the intervals; empty if there are no near duplicates. */
function describeGroups(metrics: MetricsByName): string {
  const [first] = Object.values(metrics)
  const grouped = EVALUATED_PARTS.flatMap((part) => {
    const { images = 0, independent = Number.NaN } = first?.[part] ?? {}
    return independent < images ? [`${independent.toFixed(1)} of ${whole(images)} on ${part}`] : []
  })
  return grouped.length > 0
    ? ` The intervals count near duplicates together, so their effective numbers of images are ${enumerated(grouped)}.`
    : ''
}

/** All configurations, the best on validation first and the chosen one marked, then the majority-class baseline. */
function resultsTable(metrics: MetricsByName, chosen: string | undefined): Table {
  const ranked = rankConfigurations(metrics).map((name) => [name, metrics[name] as Metrics] as const)
  const rows = ranked.map(([name, scores]): Cell[] => [
    { text: configurationName(name, chosen), value: name },
    ...scoreCells(scores),
    { text: whole(scores.parameters), value: scores.parameters },
    { text: `${scores.epochs} (${scores.best_epoch})`, value: scores.epochs },
  ])
  const baseline = ranked.slice(0, 1).map(([, scores]) => baselineRow(scores))
  return table('Configurations and their scores', HEADER, [...rows, ...baseline], { sortable: true })
}

/** `resultsTable` as Markdown, as in results/README.md. */
export function formatResultsTable(metrics: MetricsByName, chosen: string | undefined): string {
  return tableLines(resultsTable(metrics, chosen))
}

export function configurationName(name: string, chosen: string | undefined): Inline[] {
  return name === chosen ? [strong(name), ' (chosen)'] : [name]
}

/** Why cells of the table hold a dash; empty when none does. */
export function missingReasons(metrics: MetricsByName): string[] {
  return EVALUATED_PARTS.flatMap((part) => {
    const scores = Object.entries(metrics).map(([name, ofConfiguration]) => ({ name, score: ofConfiguration[part] }))
    const empty = scores.some(({ score }) => score.images === 0)
    const broken = scores.filter(({ score }) => score.images > 0 && Number.isNaN(score.accuracy + score.macro_f1))
    return [
      ...(empty ? [`${MISSING} there are no ${part} images`] : []),
      ...broken.map(({ name }) => `${MISSING} the ${part} scores of ${name} are not numbers`),
    ]
  })
}

function baselineRow(metrics: Metrics): Cell[] {
  const { label, scores } = majorityBaseline(metrics)
  const name = `Majority-class baseline (${label})`
  return [{ text: name, value: name }, ...scoreCells(scores), { text: '0', value: 0 }, { text: '0', value: 0 }]
}

function scoreCells(scores: Readonly<Record<EvaluatedPart, PartScores>>): Cell[] {
  const { macro_f1 } = scores.validation
  return [
    ...EVALUATED_PARTS.map((part) => ({ text: accuracyWithInterval(scores[part]), value: scores[part].accuracy })),
    { text: score(macro_f1), value: macro_f1 },
  ]
}

/** Scores of always predicting the most frequent class of the training images; the first by name of a tie. */
export function majorityBaseline({ train_images_per_class: images, ...parts }: Metrics) {
  const [[label] = ['']] = [...images].sort(([a, fewer], [b, more]) => more - fewer || compareNames(a, b))
  const scores = byPart((part) => {
    const supports = parts[part].per_class
    const classes = [...new Set([label, ...supports.keys()])]
    const counts = classes.map((actual) =>
      classes.map((predicted) => (predicted === label ? (supports.get(actual)?.support ?? 0) : 0)),
    )
    return scorePart({ classes, counts }, Number.NaN, parts[part].independent)
  })
  return { label, scores }
}
