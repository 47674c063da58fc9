import { DataError } from '../core/errors.ts'
import { recordByName } from '../core/names.ts'
import { paths } from '../core/paths.ts'
import { rankConfigurations } from '../gate/gate.ts'
import { readSeedTrials, type SeedTrials } from '../records/seeds.ts'
import { readTestSetLooks, type TestSetLook } from '../records/test-evaluations.ts'
import { readTrainings, type TrainingRecord } from '../records/trainings.ts'
import { type Bin, readCalibration, readReliability } from '../scores/calibration.ts'
import { type ConfusionMatrix, readConfusion } from '../scores/confusion.ts'
import { type HistoryRow, readHistory, readNotes } from '../scores/history.ts'
import { type Identity, readIdentity, readModelDigest } from '../scores/identity.ts'
import { readMetrics } from '../scores/metrics.ts'
import { type CalibratedImage, type EvaluatedPart, readPredictions } from '../scores/predictions.ts'
import { metricsOf, type Scored } from '../scores/results.ts'
import type { Temperature } from '../scores/temperature.ts'
import { type DataCard, readDataCard } from './data-card.ts'

/** What train and evaluate wrote about one configuration. */
export interface Evaluated extends Scored {
  readonly predictions: readonly CalibratedImage[]
  readonly confusion: Readonly<Record<EvaluatedPart, ConfusionMatrix>>
  readonly reliability: Readonly<Record<EvaluatedPart, readonly Bin[]>>
  readonly calibration: Temperature
  readonly identity: Identity
  readonly history: readonly HistoryRow[]
  /** What to know about its training beside the numbers. */
  readonly notes: readonly string[]
}

/** Evaluations by the name of their configuration. */
export type Evaluations = Readonly<Record<string, Evaluated>>

/** What the report is made from, beside the parameters and the images. */
export interface ReportInputs {
  readonly evaluations: Evaluations
  /** Looks at any test set, as recorded. */
  readonly looks: readonly TestSetLook[]
  /** Trainings by the digest of their model, as recorded. */
  readonly trainings: Readonly<Record<string, TrainingRecord>>
  /** Trainings of configurations with several seeds, as recorded. */
  readonly seeds: readonly SeedTrials[]
  readonly data: DataCard
}

/** Reads what the stages before wrote, and the records. @throws DataError when a file is missing. */
export async function readInputs({ models }: { readonly models: object }): Promise<ReportInputs> {
  const data = await readDataCard()
  const entries = Object.keys(models).map(async (name) => [name, await readEvaluation(name, data)] as const)
  return {
    evaluations: recordByName(await Promise.all(entries)),
    looks: await readTestSetLooks(),
    trainings: recordByName((await readTrainings()).map((training) => [training.model, training] as const)),
    seeds: await readSeedTrials(),
    data,
  }
}

async function readEvaluation(name: string, { origins }: DataCard): Promise<Evaluated> {
  const metrics = await readMetrics(paths.metrics(name))
  const predictions = await readPredictions(paths.predictions(name))
  return {
    metrics,
    predictions: predictions.map((image) => ({ ...image, group: origins.get(image.id)?.group })),
    confusion: await readConfusion(paths.confusion(name)),
    reliability: await readReliability(paths.reliability(name)),
    calibration: await readCalibration(paths.calibration(name)),
    identity: await readOwnIdentity(name),
    history: await readHistory(paths.evaluatedHistory(name)),
    notes: await readNotes(paths.trainingNotes(name)),
  }
}

/** The identity in an evaluation. @throws DataError if it is of another model, as from a forged entry of DVC's run cache */
async function readOwnIdentity(name: string): Promise<Identity> {
  const identity = await readIdentity(paths.identity(name))
  const { digest } = await readModelDigest(paths.model(name))
  if (identity.model.digest === digest) return identity
  throw new DataError(
    `Expected the evaluation of ${name} to be of the model in ${paths.model(name)} (${digest.slice(0, 12)}), received one of another (${identity.model.digest.slice(0, 12)}). Evaluate it again: \`npm run repro -- --force --no-run-cache --single-item evaluate@${name}\`.`,
  )
}

/** The evaluations, best on validation first, as `rankConfigurations` ranks them. */
export function ranked<T extends Pick<Evaluated, 'metrics'>>(evaluations: Readonly<Record<string, T>>): [string, T][] {
  return rankConfigurations(metricsOf(evaluations)).map((name) => [name, evaluations[name] as T])
}
