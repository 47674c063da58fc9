import type { Params } from '../../command-line/params.ts'
import { parseCsv } from '../../core/csv.ts'
import { recordByName } from '../../core/names.ts'
import { paths } from '../../core/paths.ts'
import { hashTestSet, type TestImage } from '../../core/test-set.ts'
import type { Checkout } from '../../dvc/checkout.ts'
import { chosenOf, judge } from '../../gate/gate.ts'
import { parseTestSetLooks } from '../../records/test-evaluations.ts'
import { cardLines } from '../../report/model-card.ts'
import { formatResultsTable } from '../../report/sections/results-table.ts'
import { verdictBlocks } from '../../report/sections/verdict.ts'
import { blocksInMarkdown } from '../../report/write-markdown.ts'
import { type ConfusionMatrix, confusionMatrix, parseConfusion } from '../../scores/confusion.ts'
import { firstOf, pluralize } from '../../scores/format.ts'
import { accuracyAtLeast } from '../../scores/interval.ts'
import type { PartMetrics } from '../../scores/metrics.ts'
import { EVALUATED_PARTS } from '../../scores/predictions.ts'
import { headlineOf, metricsOf, type Scored } from '../../scores/results.ts'
import { scorePart } from '../../scores/scores.ts'

/** Files that contradict each other, a line each. */
export interface ResultFaults {
  /** Counts and what follows from them: predictions, confusion matrices, metrics, verdict, test set, ledger. */
  readonly numbers: readonly string[]
  /** Sentences and tables for people, which depend on how this version words them. */
  readonly texts: readonly string[]
}

export const NO_FAULTS: ResultFaults = { numbers: [], texts: [] }

type ByName = Readonly<Record<string, Scored>>

/** Compares the committed results with each other. @throws DataError for a malformed file */
export function resultFaults(files: Checkout, reported: ByName, params: Params): ResultFaults {
  const scored = ofConfigurations(reported, params)
  if (Object.keys(scored).length === 0) return NO_FAULTS
  const counted = Object.entries(scored).flatMap(([name, each]) => countFaults(files, name, each))
  return {
    numbers: [
      ...counted,
      ...verdictFaults(files, scored, params),
      ...imageFaults(files, scored),
      ...ledgerFaults(files, scored),
    ],
    texts: textFaults(files, scored, params),
  }
}

/** The scores of the configurations of params.yaml, in its order, as report sees them. */
export function ofConfigurations(reported: ByName, { models }: Params): Record<string, Scored> {
  const names = Object.keys(models).filter((name) => Object.hasOwn(reported, name))
  return recordByName(names.map((name) => [name, reported[name] as Scored] as const))
}

/** Metrics and confusion matrix against the predictions that they count. */
function countFaults(files: Checkout, name: string, scored: Scored): string[] {
  const path = `${paths.resultsConfusion}/${name}.csv`
  const matrices = parseConfusion(files.textOf(path) ?? '', path)
  return EVALUATED_PARTS.flatMap((part) => {
    const { classes } = matrices[part]
    const answers = scored.predictions.filter((answer) => answer.part === part)
    const counted = confusionMatrix(answers, classes)
    const wrong = differences(scored.metrics[part], counted)
    return [
      ...(JSON.stringify(counted.counts) === JSON.stringify(matrices[part].counts)
        ? []
        : [`${path}: ${part} does not match ${paths.resultsPredictions}`]),
      ...wrong.map(
        ({ key, is, counted }) =>
          `${paths.resultsMetrics}/${name}.json: ${part}.${key} is ${is}, but ${paths.resultsPredictions} gives ${counted}`,
      ),
    ]
  })
}

const OF_CLASS = ['precision', 'recall', 'f1', 'support'] as const
/** Metrics are written with six decimals. */
const ROUNDING = 1e-6

const COUNTED = [
  ...(['images', 'correct', 'accuracy', 'ci_low', 'ci_high', 'accuracy_at_least'] as const),
  ...(['macro_precision', 'macro_recall', 'macro_f1'] as const),
]

/** The scores that do not follow from the confusion matrix. */
export function differences(metrics: PartMetrics, matrix: ConfusionMatrix) {
  const { loss, independent } = metrics
  const scores = scorePart(matrix, loss, independent)
  const counted = { ...scores, accuracy_at_least: accuracyAtLeast({ ...scores, independent }) }
  if (counted.images === 0) return metrics.images === 0 ? [] : [{ key: 'images', is: metrics.images, counted: 0 }]
  const pairs = [
    ...COUNTED.map((key) => ({ key, is: metrics[key], counted: counted[key] })),
    ...[...counted.per_class].flatMap(([label, ofClass]) =>
      OF_CLASS.map((key) => ({
        key: `per_class.${label}.${key}`,
        is: metrics.per_class.get(label)?.[key] ?? Number.NaN,
        counted: ofClass[key],
      })),
    ),
  ]
  return pairs
    .filter(({ is, counted }) => !(Math.abs(is - counted) <= ROUNDING))
    .map(({ key, is, counted }) => ({ key, is, counted: Number(counted.toFixed(6)) }))
}

/** The verdict and the headline figures for programs against the metrics. */
function verdictFaults(files: Checkout, scored: ByName, { gate }: Params): string[] {
  const metrics = metricsOf(scored)
  const { chosen = null, misses } = judge(metrics, gate)
  const said = files.valuesIn(paths.resultsGate) as { chosen?: unknown; passed?: unknown } | undefined
  const figures = files.valuesIn(paths.resultsAccuracy) as Record<string, unknown> | undefined
  const wrong = Object.entries(headlineOf(metrics[chosen ?? ''])).flatMap(([key, value]) =>
    Object.is(figures?.[key] ?? Number.NaN, value)
      ? []
      : [`${paths.resultsAccuracy}: ${key} does not match ${paths.resultsMetrics}/${chosen}.json`],
  )
  return [
    ...(said?.chosen === chosen ? [] : [`${paths.resultsGate}: chosen is not ${chosen}, the best on validation`]),
    ...(said?.passed === (misses.length === 0)
      ? []
      : [
          `${paths.resultsGate}: passed is not ${misses.length === 0}, as it must be by ${paths.resultsMetrics} and gate`,
        ]),
    ...wrong,
  ]
}

/** The images that were predicted against the frozen test set and the exclusions; each counts once. */
function imageFaults(files: Checkout, scored: ByName): string[] {
  const [predictions = []] = Object.values(scored).map((each) => each.predictions)
  const ids = new Set(predictions.map(({ id }) => id))
  const test = predictions.filter(({ part }) => part === 'test').map(({ id, label }) => `${id} ${label}`)
  const frozen = new Set(testSetIn(files).map(({ id, label }) => `${id} ${label}`))
  const excluded = parseCsv(files.textOf(paths.exclude) ?? 'id', ['id'], paths.exclude).filter(({ id }) => ids.has(id))
  return [
    ...(ids.size === predictions.length ? [] : [`${paths.resultsPredictions}: an image appears more than once`]),
    ...(test.length === frozen.size && test.every((image) => frozen.has(image))
      ? []
      : [`${paths.resultsPredictions}: its test images are not those of ${paths.testSet}`]),
    ...(excluded.length > 0
      ? [
          `${paths.resultsPredictions}: holds ${firstOf(
            excluded.map(({ id }) => id),
            3,
          )}, which ${paths.exclude} excludes`,
        ]
      : []),
  ]
}

/** The test set in test-set.csv; empty where there is no file. */
export function testSetIn(files: Checkout): TestImage[] {
  return parseCsv(files.textOf(paths.testSet) ?? 'id,sha256,label', ['id', 'sha256', 'label'], paths.testSet)
}

/**
 * records/test-evaluations.jsonl must have each model's look at this test set, the chosen one's by the digest in its card.
 *
 * A line keeps the name that the configuration had when the model was first evaluated, so the lines are counted. Configurations
 * with the same metrics are one model.
 */
function ledgerFaults(files: Checkout, scored: ByName): string[] {
  const testSet = hashTestSet(testSetIn(files))
  const looks = parseTestSetLooks(files.textOf(paths.testEvaluations) ?? '').filter((look) => look.testSet === testSet)
  const metrics = Object.values(metricsOf(scored)).filter(({ test }) => test.images > 0)
  const models = new Map(metrics.map((each) => [JSON.stringify(each), `${each.test.correct}/${each.test.images}`]))
  const ofCounts = (counts: string) => looks.filter(({ correct, images }) => `${correct}/${images}` === counts)
  const missing = [...Map.groupBy(models.values(), (counts) => counts)].filter(
    ([counts, all]) => ofCounts(counts).length < all.length,
  )
  const chosen = scored[chosenOf(metricsOf(scored)) ?? '']?.metrics.test
  const digest = cardDigest(files, 'model')
  const isChosenThere = ofCounts(`${chosen?.correct}/${chosen?.images}`).some(({ model }) => model === digest)
  return [
    ...missing.map(
      ([counts, all]) =>
        `${paths.testEvaluations}: ${pluralize(ofCounts(counts).length, 'line')} with ${counts} on this test set, but ${paths.resultsMetrics} has ${pluralize(all.length, 'model')} with these counts`,
    ),
    ...(chosen && chosen.images > 0 && !isChosenThere
      ? [`${paths.testEvaluations}: no line for the model of ${paths.resultsCard} with its counts on this test set`]
      : []),
  ]
}

/** Lead and table of results/README.md, and the model card, against metrics and parameters. */
function textFaults(files: Checkout, scored: ByName, params: Params): string[] {
  const metrics = metricsOf(scored)
  const verdict = judge(metrics, params.gate)
  const readme = files.textOf(paths.resultsReadme) ?? ''
  const card = files.textOf(paths.resultsCard) ?? ''
  const chosen = metrics[verdict.chosen ?? '']
  const lines = chosen ? cardLines(verdict.chosen ?? '', chosen, params) : []
  const missing = lines.find((line) => !card.includes(line))
  return [
    ...(readme.includes(`\n\n${blocksInMarkdown(verdictBlocks(scored, verdict, params.gate))}\n\n`)
      ? []
      : [`${paths.resultsReadme}: its verdict does not match ${paths.resultsMetrics} and gate`]),
    ...(readme.includes(formatResultsTable(metrics, verdict.chosen))
      ? []
      : [`${paths.resultsReadme}: its table does not match ${paths.resultsMetrics}`]),
    ...(missing === undefined
      ? []
      : [`${paths.resultsCard}: does not say ${JSON.stringify(missing)}, which follows from ${paths.resultsMetrics}`]),
    ...(chosen && cardDigest(files, 'test set') !== hashTestSet(testSetIn(files))
      ? [`${paths.resultsCard}: its test set is not that of ${paths.testSet}`]
      : []),
  ]
}

/** A digest in the table of the model card. */
function cardDigest(files: Checkout, what: 'model' | 'test set'): string | undefined {
  const rows = (files.textOf(paths.resultsCard) ?? '').matchAll(/^\| (model|test set) +\| `([0-9a-f]{64})` +\|$/gm)
  return [...rows].find(([, name]) => name === what)?.[2]
}
