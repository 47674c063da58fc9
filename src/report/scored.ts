import { type Metrics, readMetrics } from '../evaluation/metrics.ts'
import { type PredictedImage, readPredictions } from '../evaluation/predictions.ts'

/** A configuration as it was scored: its metrics and what each image was taken for. */
export interface Scored {
  readonly metrics: Metrics
  readonly predictions: readonly PredictedImage[]
}

/** Where the files of a configuration are. */
export interface ScoredPaths {
  readonly metrics: (config: string) => string
  readonly predictions: (config: string) => string
}

/** Reads what was scored of each configuration, by its name. @throws DataError when one is missing. */
export async function readScored(names: readonly string[], place: ScoredPaths): Promise<Record<string, Scored>> {
  const entries = names.map(async (name) => {
    const metrics = await readMetrics(place.metrics(name))
    return [name, { metrics, predictions: await readPredictions(place.predictions(name)) }] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** The metrics alone, by name. */
export function metricsOf(scored: Readonly<Record<string, Scored>>): Record<string, Metrics> {
  return Object.fromEntries(Object.entries(scored).map(([name, { metrics }]) => [name, metrics]))
}
