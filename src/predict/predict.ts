import { relative } from 'node:path'
import { type Choice, chooseConfiguration } from '../command-line/choose.ts'
import type { Params } from '../command-line/params.ts'
import { ConfigError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { isPipeBroken } from '../core/stage.ts'
import { loadModel, type SavedModel } from '../network/saved.ts'
import { readCalibrationIfThere } from '../scores/calibration.ts'
import type { Temperature } from '../scores/temperature.ts'
import { selectConfiguration } from '../train/params.ts'
import { loadCheckpointedModel } from './checkpointed-model.ts'
import { readChosen } from './chosen.ts'
import { type Classified, classifyFiles } from './classify.ts'

/** The arguments of `predict`: a choice of a configuration, the files, and how to print. */
export interface PredictArguments extends Choice {
  readonly files: readonly string[]
  readonly json?: boolean | undefined
  /** Of a training that goes on: `last`, `best` or the number of an epoch. */
  readonly checkpoint?: string | undefined
}

/** Prints what a model says of each file, in their order; the exit code is 1 when a file was no image. */
export async function predictFiles(params: Params, given: PredictArguments): Promise<undefined> {
  const { files } = given
  if (files.length === 0) {
    throw new ConfigError('Expected one image or more, received none. Say which: npm run predict -- photo.jpg')
  }
  const { model, calibration } = await loadAsked(params, given)
  if (!calibration) {
    console.error(
      `predict: the probabilities are the network's own: ${given.checkpoint === undefined ? 'it was not evaluated' : 'a checkpoint is not calibrated'}`,
    )
  }
  for await (const each of classifyFiles(model, files, calibration?.temperature)) {
    if (isPipeBroken()) break
    if ('problem' in each) {
      console.error(`predict: ${each.file}: ${each.problem}`)
      process.exitCode = 1
    } else {
      console.log(given.json ? JSON.stringify(each) : describe(each))
    }
  }
  return undefined
}

/** A model, and what its logits are divided by where evaluate has found that. */
interface Asked {
  readonly model: SavedModel
  readonly calibration?: Temperature | undefined
}

/** The model of a checkpoint, the one of a configuration, or the one that the gate chose. */
async function loadAsked(params: Params, given: PredictArguments): Promise<Asked> {
  if (given.checkpoint !== undefined) {
    const configuration = selectConfiguration(params, chooseConfiguration(params, given))
    return { model: await loadCheckpointedModel(configuration, params, given.checkpoint) }
  }
  const named = [given.config, given.m, given.t].some((each) => each !== undefined)
  const name = named ? chooseConfiguration(params, given) : await readChosen(params)
  return {
    model: await loadModel(paths.model(name)),
    calibration: await readCalibrationIfThere(paths.calibration(name)),
  }
}

/** `photo.jpg: cat 98.1 % (dog 1.2 %, horse 0.7 %)` */
function describe({ file, label, probabilities }: Extract<Classified, { label: string }>): string {
  const ranked = Object.entries(probabilities).sort(([, a], [, b]) => b - a)
  const percent = (value = Number.NaN) => `${(100 * value).toFixed(1)} %`
  const others = ranked.filter(([name]) => name !== label).map(([name, value]) => `${name} ${percent(value)}`)
  return `${relative('.', file)}: ${label} ${percent(probabilities[label])} (${others.join(', ')})`
}
