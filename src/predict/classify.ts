import pMap from 'p-map'
import { DataError, messageOf } from '../core/errors.ts'
import { DECODES_AT_ONCE, decodePixels } from '../images/decode.ts'
import { rowsOf } from '../network/predict.ts'
import type { SavedModel } from '../network/saved.ts'
import { predictedClass } from '../scores/predictions.ts'
import { atTemperature } from '../scores/temperature.ts'
import { openInference } from '../tensorflow/inference.ts'

/** What the model says of one file, or why it says nothing. */
export type Classified =
  | {
      readonly file: string
      readonly label: string
      readonly probabilities: Readonly<Record<string, number>>
      /** By which the logits were divided; null where the probabilities are the network's own. */
      readonly temperature: number | null
    }
  | { readonly file: string; readonly problem: string }

/** Images that go through the network together; as in training, for the same shapes give the same bits. */
const BATCH_SIZE = 32

/**
 * Classifies images, a batch at a time, in the order of the files; a file that is no image does not stop the others.
 *
 * @param temperature of a model that is calibrated
 */
export async function* classifyFiles(
  model: SavedModel,
  files: readonly string[],
  temperature?: number,
): AsyncGenerator<Classified> {
  const { graph, weights, classes, image } = model
  const inference = openInference({ graph, weights }, { inputShape: [image.size, image.size, 3], engine: 'compiled' })
  try {
    for (let start = 0; start < files.length; start += BATCH_SIZE) {
      const decoded = await pMap(files.slice(start, start + BATCH_SIZE), (file) => decode(file, image), {
        concurrency: DECODES_AT_ONCE,
      })
      const images = decoded.flatMap((each) => ('pixels' in each ? [each.pixels] : []))
      const rows = images.length > 0 ? rowsOf(inference.run(Buffer.concat(images), images.length), images.length) : []
      for (const each of decoded) {
        yield 'pixels' in each ? answer(each.file, rows.shift() ?? [], { classes, temperature }) : each
      }
    }
  } finally {
    inference.dispose()
  }
}

async function decode(file: string, image: SavedModel['image']) {
  try {
    return { file, pixels: await decodePixels(file, image) }
  } catch (error) {
    const problem = messageOf(error)
    return {
      file,
      problem: error instanceof DataError ? problem : `Expected an image, received: ${problem}. Check its name.`,
    }
  }
}

function answer(
  file: string,
  row: readonly number[],
  { classes, temperature }: { classes: readonly string[]; temperature: number | undefined },
): Classified {
  const given = temperature === undefined ? row : atTemperature(row, temperature)
  const probabilities = Object.fromEntries(classes.map((name, place) => [name, given[place] ?? Number.NaN]))
  return { file, label: predictedClass(row, classes), probabilities, temperature: temperature ?? null }
}
