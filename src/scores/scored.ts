import { join } from 'node:path'
import { DataError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { readAnswers } from './answers.ts'
import { type Metrics, readMetrics } from './metrics.ts'
import type { Answer } from './predictions.ts'

/** A configuration as it was scored: its metrics and what each image was taken for. */
export interface Scored {
  readonly metrics: Metrics
  readonly predictions: readonly Answer[]
}

/** Reads what results/ holds of each configuration, by its name. @throws DataError when something is missing. */
export async function readScored(names: readonly string[]): Promise<Record<string, Scored>> {
  const entries = await Promise.all(
    names.map(async (name) => [name, await readMetrics(join(paths.resultsMetrics, `${name}.json`))] as const),
  )
  const answers = await readAnswers(paths.resultsPredictions)
  return Object.fromEntries(
    entries.map(([name, metrics]) => {
      const predictions = answers[name]
      if (predictions) return [name, { metrics, predictions }]
      throw new DataError(
        `Expected predictions of ${name} in ${paths.resultsPredictions}, received none. Run report again.`,
      )
    }),
  )
}

/** The metrics alone, by name. */
export function metricsOf(scored: Readonly<Record<string, Scored>>): Record<string, Metrics> {
  return Object.fromEntries(Object.entries(scored).map(([name, { metrics }]) => [name, metrics]))
}
