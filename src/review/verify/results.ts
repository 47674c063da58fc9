import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exists } from '../../core/files.ts'
import { paths } from '../../core/paths.ts'
import { chosenOf } from '../../gate/gate.ts'
import { formatResultsTable } from '../../report/sections/results-table.ts'
import { type ConfusionMatrix, confusionMatrix, readConfusion } from '../../scores/confusion.ts'
import type { PartMetrics } from '../../scores/metrics.ts'
import { EVALUATED_PARTS } from '../../scores/predictions.ts'
import { metricsOf, readScored, type Scored } from '../../scores/results.ts'
import { scorePart } from '../../scores/scores.ts'

/** Scores of each configuration in results/, by its name; empty before report has run. */
export async function readReported(): Promise<Record<string, Scored>> {
  if (!(await exists(paths.resultsMetrics)) || !(await exists(paths.resultsPredictions))) return {}
  const files = (await readdir(paths.resultsMetrics)).filter((name) => name.endsWith('.json')).sort()
  return readScored(files.map((name) => name.slice(0, -'.json'.length)))
}

/**
 * Contradictions within results/, a line each: metrics and confusion matrices against the predictions they count, the table
 * against the metrics.
 */
export async function readResultFaults(scored: Readonly<Record<string, Scored>>): Promise<string[]> {
  const counted = await Promise.all(Object.entries(scored).map(([name, each]) => readCountFaults(name, each)))
  return [...counted.flat(), ...(await readTableFaults(scored))]
}

async function readTableFaults(scored: Readonly<Record<string, Scored>>): Promise<string[]> {
  const metrics = metricsOf(scored)
  const text = await readFile(paths.resultsReadme, 'utf8').catch(() => '')
  if (Object.keys(metrics).length === 0 || text.includes(formatResultsTable(metrics, chosenOf(metrics)))) return []
  return [`${paths.resultsReadme}: its table does not match ${paths.resultsMetrics}`]
}

async function readCountFaults(name: string, scored: Scored): Promise<string[]> {
  const matrices = await readConfusion(join(paths.resultsConfusion, `${name}.csv`))
  return EVALUATED_PARTS.flatMap((part) => {
    const { classes } = matrices[part]
    const answers = scored.predictions.filter((answer) => answer.part === part)
    const counted = confusionMatrix(answers, classes)
    const wrong = differences(scored.metrics[part], counted)
    return [
      ...(JSON.stringify(counted.counts) === JSON.stringify(matrices[part].counts)
        ? []
        : [`${paths.resultsConfusion}/${name}.csv: ${part} does not match ${paths.resultsPredictions}`]),
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

const COUNTED = ['images', 'correct', 'accuracy', 'macro_precision', 'macro_recall', 'macro_f1'] as const

/** The scores that do not follow from the confusion matrix; intervals, which follow from the counts, are left to dvc.lock. */
export function differences(metrics: PartMetrics, matrix: ConfusionMatrix) {
  const counted = scorePart(matrix, metrics.loss)
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
