import { z } from 'zod'
import { type Choice, chooseConfiguration } from '../command-line/choose.ts'
import type { Params } from '../command-line/params.ts'
import { DataError } from '../core/errors.ts'
import { readJson } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { describeOutdated } from '../dvc/outdated.ts'
import { describeRun } from '../dvc/running.ts'
import { loadModel, type SavedModel } from '../network/saved.ts'
import { readCalibrationIfThere } from '../scores/calibration.ts'
import { readModelDigest } from '../scores/identity.ts'
import type { Novelty } from '../scores/novelty.ts'
import { readNoveltyIfThere } from '../scores/novelty-files.ts'
import type { Temperature } from '../scores/temperature.ts'
import { selectConfiguration } from '../train/params.ts'
import { loadCheckpointedModel } from './checkpointed-model.ts'

/** Which model: a configuration, or a checkpoint of it; by default the one that the gate judges. */
export interface ModelChoice extends Choice {
  /** Of a training that is running or was interrupted: `last`, `best` or the number of an epoch. */
  readonly checkpoint?: string | undefined
}

/** The model that a command uses. */
export interface Chosen {
  /** Its configuration. */
  readonly name: string
  readonly model: SavedModel
  /** SHA-256 of the model's files, as in results/ and records/; null for a checkpoint. */
  readonly digest: string | null
  /** Undefined before the model is evaluated. */
  readonly calibration?: Temperature | undefined
  /** The same. */
  readonly novelty?: Novelty | undefined
}

/**
 * The model of a checkpoint, of a configuration, or the one that the gate chose; calibrated once it is evaluated. Warns on
 * stderr if it is not calibrated, refuses no image, or was made from other parameters or images than those at hand.
 */
export async function loadChosen(command: string, params: Params, given: ModelChoice): Promise<Chosen> {
  const isCheckpoint = given.checkpoint !== undefined
  const run = isCheckpoint ? undefined : await describeRun()
  if (run) console.error(`${command}: ${run}`)
  const chosen = isCheckpoint ? await loadCheckpoint(params, given) : await loadTrained(params, given)
  const outdated = !isCheckpoint && describeOutdated(`the model of ${chosen.name}`, paths.model(chosen.name))
  if (outdated) console.error(`${command}: ${outdated}`)
  const unevaluated = isCheckpoint ? 'evaluate does not run on checkpoints' : 'the model was not evaluated'
  if (!chosen.calibration) console.error(`${command}: the probabilities are not calibrated: ${unevaluated}`)
  const { limit = null, outcome = unevaluated } = chosen.novelty ?? {}
  if (limit === null && outcome !== 'switched off') console.error(`${command}: every image gets a class: ${outcome}`)
  return chosen
}

async function loadCheckpoint(params: Params, given: ModelChoice): Promise<Chosen> {
  const configuration = selectConfiguration(params, chooseConfiguration(params, given))
  const model = await loadCheckpointedModel(configuration, given.checkpoint ?? '')
  return { name: configuration.name, model, digest: null }
}

async function loadTrained(params: Params, given: ModelChoice): Promise<Chosen> {
  const isNamed = [given.config, given.m, given.t].some((each) => each !== undefined)
  const name = isNamed ? chooseConfiguration(params, given) : await readChosenName(params)
  const { digest } = await readModelDigest(paths.model(name))
  return {
    name,
    model: await loadModel(paths.model(name)),
    digest,
    calibration: await readCalibrationIfThere(paths.calibration(name)),
    novelty: await readNoveltyIfThere(paths.novelty(name), digest),
  }
}

const verdict = z.object({ chosen: z.string().nullable() })

/** The configuration that results/gate.json names. @throws DataError where params.yaml has it no more */
async function readChosenName({ models }: Pick<Params, 'models'>): Promise<string> {
  const remedy = 'Run `npm run repro`, or name a configuration: --config NAME.'
  const { chosen } = await readJson(paths.resultsGate, verdict, { what: 'the chosen configuration', remedy })
  if (chosen !== null && Object.hasOwn(models, chosen)) return chosen
  const names = Object.keys(models).join(', ')
  throw new DataError(
    `Expected the chosen configuration in ${paths.resultsGate} to be one of ${paths.params} (${names}), received ${chosen ?? 'none'}. ${remedy}`,
  )
}
