import { type Choice, chooseConfiguration } from '../command-line/choose.ts'
import type { Params } from '../command-line/params.ts'
import { ConfigError, messageOf } from '../core/errors.ts'
import { exists, writeFileAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { classesOf } from '../dataset/classes.ts'
import { readSplit } from '../dataset/split.ts'
import { buildUntrained } from '../network/registry.ts'
import { summarize } from '../network/summary.ts'
import { selectConfiguration } from '../train/params.ts'
import { drawNetwork } from './draw/draw.ts'

/** Classes of a summary that is asked for before there are images: cats, dogs and horses. */
const CLASSES_OF_THE_STUDY = 3

/** The network that the arguments choose as `summarize` prints it, for the classes of the split; it needs no weights. */
export async function describeChoice(params: Params, choice: Choice): Promise<string> {
  const { model, title } = await openChoice(params, choice)
  return summarize(model, title)
}

/** Draws the same network into an SVG file; gives the line that a person reads. @throws ConfigError when it cannot be written. */
export async function writeDrawing(params: Params, choice: Choice, path: string): Promise<string> {
  const { model, title } = await openChoice(params, choice)
  await writeFileAtomically(path, await drawNetwork(model, title)).catch((error: unknown) => {
    throw new ConfigError(`Expected a file to write for --svg, received ${path}: ${messageOf(error)}. Name another.`)
  })
  return `${title}: ${path}`
}

async function openChoice(params: Params, choice: Choice) {
  const configuration = selectConfiguration(params, chooseConfiguration(params, choice))
  const imageSize = params.image.size
  const classCount = await countClasses()
  const { model } = await buildUntrained(configuration, { imageSize, classCount, seed: params.seed })
  return { model, title: `${configuration.name}, ${imageSize} px, ${classCount} classes` }
}

async function countClasses(): Promise<number> {
  if (!(await exists(paths.split))) return CLASSES_OF_THE_STUDY
  return classesOf(await readSplit(paths.split)).length
}
