import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { paths } from '../core/paths.ts'
import { type Bin, readCalibration, readReliability } from '../scores/calibration.ts'
import { type ConfusionMatrix, readConfusion } from '../scores/confusion.ts'
import { type HistoryRow, readHistory } from '../scores/history.ts'
import { type Identity, readIdentity } from '../scores/identity.ts'
import { readMetrics } from '../scores/metrics.ts'
import { type CalibratedImage, type EvaluatedPart, readPredictions } from '../scores/predictions.ts'
import type { Scored } from '../scores/results.ts'
import type { Temperature } from '../scores/temperature.ts'

/** All that evaluate wrote about a configuration. */
export interface Evaluated extends Scored {
  readonly predictions: readonly CalibratedImage[]
  readonly confusion: Readonly<Record<EvaluatedPart, ConfusionMatrix>>
  readonly reliability: Readonly<Record<EvaluatedPart, readonly Bin[]>>
  readonly calibration: Temperature
  readonly identity: Identity
  readonly history: readonly HistoryRow[]
}

/** Reads the evaluation of each configuration, by its name. @throws DataError when one is missing. */
export async function readEvaluations(names: readonly string[]): Promise<Record<string, Evaluated>> {
  const entries = names.map(async (name): Promise<[string, Evaluated]> => {
    const evaluated = {
      metrics: await readMetrics(paths.metrics(name)),
      predictions: await readPredictions(paths.predictions(name)),
      confusion: await readConfusion(paths.confusion(name)),
      reliability: await readReliability(paths.reliability(name)),
      calibration: await readCalibration(paths.calibration(name)),
      identity: await readIdentity(paths.identity(name)),
      history: await readHistory(paths.evaluatedHistory(name)),
    }
    return [name, evaluated]
  })
  return Object.fromEntries(await Promise.all(entries))
}

/**
 * Removes what is there of configurations that are no more; files stay, DVC has its own there.
 *
 * report depends on the whole folder, and a fresh clone would not have them.
 */
export async function removeForeign(folder: string, names: readonly string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const foreign = entries.filter((entry) => entry.isDirectory() && !names.includes(entry.name))
  await Promise.all(foreign.map(({ name }) => rm(join(folder, name), { recursive: true })))
}
