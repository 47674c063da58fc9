import { relative } from 'node:path'
import { type Choice, chooseConfiguration } from '../config/choose.ts'
import { selectConfiguration } from '../config/load.ts'
import type { Params } from '../config/schema.ts'
import { ConfigError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { readChosen } from '../evaluation/chosen.ts'
import { type Classified, classifyFiles } from '../evaluation/classify.ts'
import { loadModel, type SavedModel } from '../models/saved.ts'
import { loadCheckpointedModel } from '../training/checkpointed-model.ts'

/** The arguments of `predict`: a choice of a configuration, the files, and how to print. */
export interface PredictArguments extends Choice {
  readonly files: readonly string[]
  readonly json?: boolean | undefined
  /** Of a training that goes on: `last`, `best` or the number of an epoch. */
  readonly checkpoint?: string | undefined
}

/** Prints what a model says of each file, in their order; the exit code is 1 when a file was no picture. */
export async function predictFiles(params: Params, given: PredictArguments): Promise<undefined> {
  const { files } = given
  if (files.length === 0) {
    throw new ConfigError('Expected one picture or more, received none. Say which: npm run predict -- photo.jpg')
  }
  const model = await loadAsked(params, given)
  for await (const each of classifyFiles(model, files)) {
    if ('problem' in each) {
      console.error(`predict: ${each.file}: ${each.problem}`)
      process.exitCode = 1
    } else {
      console.log(given.json ? JSON.stringify(each) : describe(each))
    }
  }
  return undefined
}

/** The model of a checkpoint, the one of a configuration, or the one that the gate chose. */
async function loadAsked(params: Params, given: PredictArguments): Promise<SavedModel> {
  if (given.checkpoint !== undefined) {
    const configuration = selectConfiguration(params, chooseConfiguration(params, given))
    return loadCheckpointedModel(configuration, params, given.checkpoint)
  }
  const named = [given.config, given.m, given.t].some((each) => each !== undefined)
  return loadModel(paths.model(named ? chooseConfiguration(params, given) : await readChosen(params)))
}

/** `cat 98.1 %  (dog 1.2 %, horse 0.7 %)  photo.jpg` */
function describe({ file, label, probabilities }: Extract<Classified, { label: string }>): string {
  const ranked = Object.entries(probabilities).sort(([, a], [, b]) => b - a)
  const percent = (value = Number.NaN) => `${(100 * value).toFixed(1)} %`
  const others = ranked.filter(([name]) => name !== label).map(([name, value]) => `${name} ${percent(value)}`)
  return `${relative('.', file)}: ${label} ${percent(probabilities[label])} (${others.join(', ')})`
}
