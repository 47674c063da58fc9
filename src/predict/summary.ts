import { type Choice, chooseConfiguration } from '../command-line/choose.ts'
import type { Params } from '../command-line/params.ts'
import { classesOf } from '../core/csv.ts'
import { exists } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { readSplit } from '../dataset/split.ts'
import { buildUntrained } from '../network/registry.ts'
import type { tf } from '../tensorflow/raw.ts'
import { selectConfiguration } from '../train/params.ts'

/** Number of classes before there is a split: the cats, dogs and horses of the study. */
const DEFAULT_CLASSES = 3

/** Prints the layers of the chosen network as tfjs-layers does: output shapes, parameters and connections; needs no weights. */
export async function printSummary(params: Params, choice: Choice): Promise<void> {
  const configuration = selectConfiguration(params, chooseConfiguration(params, choice))
  const imageSize = params.image.size
  const classCount = await countClasses()
  const { model } = await buildUntrained(configuration, { imageSize, classCount, seed: params.seed })
  console.log(`Model: "${configuration.name}, ${imageSize} px, ${classCount} classes"`)
  const ends = columnEnds(model)
  model.summary(ends.at(-1), ends, (line: string) => console.log(line.trimEnd()))
}

async function countClasses(): Promise<number> {
  if (!(await exists(paths.split))) return DEFAULT_CLASSES
  return classesOf(await readSplit(paths.split)).length
}

/** Ends of the columns layer, input shape, output shape, parameters and inputs, so that no name is cut. */
function columnEnds({ layers }: tf.LayersModel): number[] {
  const longest = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length))
  const layer = longest(layers.map((each) => `${each.name} (${each.getClassName()})`)) + 2
  const inputs = longest(layers.map(({ name }) => `${name}[0][0]`)) + 1
  return [layer, layer + 38, layer + 60, layer + 71, layer + 71 + inputs]
}
