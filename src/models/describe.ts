import { type Choice, chooseConfiguration } from '../config/choose.ts'
import { selectConfiguration } from '../config/load.ts'
import type { Params } from '../config/schema.ts'
import { exists } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { classesOf } from '../dataset/classes.ts'
import { readSplit } from '../dataset/split.ts'
import { buildUntrained } from './registry.ts'
import { summarize } from './summary.ts'

/** Classes of a summary that is asked for before there are pictures: cats, dogs and horses. */
const CLASSES_OF_THE_STUDY = 3

/** The summary of the network that the arguments choose, for the classes of the split; it needs no weights. */
export async function describeChoice(params: Params, choice: Choice): Promise<string> {
  const configuration = selectConfiguration(params, chooseConfiguration(params, choice))
  const imageSize = params.image.size
  const classCount = await countClasses()
  const { model } = await buildUntrained(configuration, { imageSize, classCount, seed: params.seed })
  return summarize(model, `${configuration.name}, ${imageSize} px, ${classCount} classes`)
}

async function countClasses(): Promise<number> {
  if (!(await exists(paths.split))) return CLASSES_OF_THE_STUDY
  return classesOf(await readSplit(paths.split)).length
}
