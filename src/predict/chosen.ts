import { join } from 'node:path'
import { type Choice, chooseConfiguration } from '../command-line/choose.ts'
import type { Params } from '../command-line/params.ts'
import { DataError } from '../core/errors.ts'
import { exists } from '../core/files.ts'
import { recordByName } from '../core/names.ts'
import { paths } from '../core/paths.ts'
import { describeOutdated } from '../dvc/outdated.ts'
import { rankConfigurations } from '../gate/gate.ts'
import { loadModel, type SavedModel } from '../network/saved.ts'
import { readCalibrationIfThere } from '../scores/calibration.ts'
import { readModelDigest } from '../scores/identity.ts'
import { type Metrics, readMetrics } from '../scores/metrics.ts'
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
}

/**
 * The model of a checkpoint, of a configuration, or the one that the gate chose; calibrated once it is evaluated. Warns on
 * stderr if it is not calibrated, or was made from other parameters or images than those at hand.
 */
export async function loadChosen(command: string, params: Params, given: ModelChoice): Promise<Chosen> {
  const isCheckpoint = given.checkpoint !== undefined
  const chosen = isCheckpoint ? await loadCheckpoint(params, given) : await loadTrained(params, given)
  const outdated = !isCheckpoint && describeOutdated(`the model of ${chosen.name}`, paths.model(chosen.name))
  if (outdated) console.error(`${command}: ${outdated}`)
  if (!chosen.calibration) {
    const reason = isCheckpoint ? 'evaluate does not run on checkpoints' : 'the model was not evaluated'
    console.error(`${command}: the probabilities are not calibrated: ${reason}`)
  }
  return chosen
}

async function loadCheckpoint(params: Params, given: ModelChoice): Promise<Chosen> {
  const configuration = selectConfiguration(params, chooseConfiguration(params, given))
  const model = await loadCheckpointedModel(configuration, given.checkpoint ?? '')
  return { name: configuration.name, model, digest: null }
}

async function loadTrained(params: Params, given: ModelChoice): Promise<Chosen> {
  const isNamed = [given.config, given.m, given.t].some((each) => each !== undefined)
  const name = isNamed ? chooseConfiguration(params, given) : await readBestName(params)
  return {
    name,
    model: await loadModel(paths.model(name)),
    digest: (await readModelDigest(paths.model(name))).digest,
    calibration: await readCalibrationIfThere(paths.calibration(name)),
  }
}

/** The configuration that the gate judges: the best on validation of those with metrics in results/. */
async function readBestName({ models }: Pick<Params, 'models'>): Promise<string> {
  const metrics = recordByName<Metrics>([])
  for (const name of Object.keys(models)) {
    const path = join(paths.resultsMetrics, `${name}.json`)
    if (await exists(path)) metrics[name] = await readMetrics(path)
  }
  const [best] = rankConfigurations(metrics)
  if (best !== undefined) return best
  throw new DataError(
    `Expected metrics of a configuration in ${paths.resultsMetrics}, received none. Run \`npm run repro\`, or name one: --config NAME.`,
  )
}
