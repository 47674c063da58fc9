import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import pMap from 'p-map'
import { shownPath } from '../command-line/given-path.ts'
import type { Params } from '../command-line/params.ts'
import { formatLine } from '../core/csv.ts'
import { ConfigError, DataError, messageOf } from '../core/errors.ts'
import { listFiles } from '../core/files.ts'
import { compareNames } from '../core/names.ts'
import { isPipeBroken } from '../core/script.ts'
import { DECODES_AT_ONCE, decodePixels } from '../images/decode.ts'
import type { SavedModel } from '../network/saved.ts'
import { firstOf, percent, pluralize } from '../scores/format.ts'
import { type Answer, openAnswering } from './answer.ts'
import { type Chosen, loadChosen, type ModelChoice } from './chosen.ts'

/** The arguments of `predict`: which configuration, which files, and how to print. */
export interface PredictArguments extends ModelChoice {
  /** Images, and folders of images. */
  readonly files: readonly string[]
  readonly json?: boolean | undefined
  readonly csv?: boolean | undefined
}

/** Prints the prediction for each image, in their order; the exit code is 1 when a file is not an image. */
export async function predictFiles(params: Params, given: PredictArguments): Promise<undefined> {
  if (given.json && given.csv) throw new ConfigError('Expected --json or --csv, received both. Omit one.')
  const files = await listImages(given.files)
  const chosen = await loadChosen('predict', params, given)
  const format = given.json ? jsonLines(chosen) : given.csv ? csvLines(chosen.model.classes) : TEXT
  if (format.head !== undefined) console.log(format.head)
  for await (const answer of classifyFiles(chosen, files)) {
    if (isPipeBroken()) break
    const each = { ...answer, file: shownPath(answer.file) }
    if ('problem' in each) {
      console.error(`predict: ${each.file}: ${each.problem}`)
      process.exitCode = 1
    } else {
      console.log(format.line(each))
    }
  }
  return undefined
}

/** The names of images, of formats that are not decoded, too: these are reported. */
const IMAGE_NAME = /\.(jpe?g|png|apng|webp|avif|gif|tiff?|svg|bmp|heic|heif|jxl|ico)$/i

/** The given files, and the images in the given folders, sorted by name. @throws ConfigError where there is none */
async function listImages(given: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    given.map(async (path) => {
      const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false
      if (!isFolder) return [path]
      const inside = (await listFiles(path)).map((file) => file.path).filter((name) => !/(^|\/)\./.test(name))
      const images = inside.filter((name) => IMAGE_NAME.test(name)).sort(compareNames)
      const others = inside.filter((name) => !IMAGE_NAME.test(name)).sort(compareNames)
      if (others.length > 0) {
        const skipped = `${pluralize(others.length, 'file')} without an image extension: ${firstOf(others, 3)}`
        console.error(`predict: ${shownPath(path)}: skipped ${skipped}`)
      }
      return images.map((name) => join(path, name))
    }),
  )
  const files = lists.flat()
  if (files.length > 0) return files
  const received = given.length === 0 ? 'none' : `none in ${given.map((path) => shownPath(path)).join(', ')}`
  throw new ConfigError(
    `Expected an image or a folder of images, received ${received}. Name them: npm run predict -- photo.jpg`,
  )
}

type ClassifiedImage = Extract<Classified, Answer>

/** How answers are printed: what comes before them, and a line each. */
interface Format {
  readonly head?: string
  readonly line: (answer: ClassifiedImage) => string
}

const TEXT: Format = { line: describe }

/** JSON lines: which model answers, then its answers. */
function jsonLines({ name, digest }: Chosen): Format {
  return { head: JSON.stringify({ config: name, model: digest }), line: (answer) => JSON.stringify(answer) }
}

/** A table with a column for the probability of each class; an image that is none of them has no label. */
function csvLines(classes: readonly string[]): Format {
  const row = (cells: readonly (string | number)[]) => formatLine(cells, { forPeople: true })
  return {
    head: row(['file', 'label', 'distance', ...classes]),
    line: ({ file, label, distance, probabilities }) =>
      row([
        ...[file, label ?? '', distance?.toFixed(6) ?? ''],
        ...classes.map((name) => (probabilities[name] ?? Number.NaN).toFixed(6)),
      ]),
  }
}

/** `photo.jpg: cat 98.1 % (dog 1.2 %, horse 0.7 %)`, or `photo.jpg: none of these (distance 0.412, limit 0.300; nearest: dog 6, cat 4)` */
function describe({ file, label, probabilities, distance, limit, nearest }: ClassifiedImage): string {
  const ranked = (values: Readonly<Record<string, number>>) => Object.entries(values).sort(([, a], [, b]) => b - a)
  if (label === null) {
    const counts = ranked(nearest).map(([name, count]) => `${name} ${count}`)
    const [far, most] = [distance, limit].map((value) => value?.toFixed(3))
    return `${file}: none of these (distance ${far}, limit ${most}; nearest: ${counts.join(', ')})`
  }
  const others = ranked(probabilities).filter(([name]) => name !== label)
  const rest = others.map(([name, value]) => `${name} ${percent(value)}`)
  return `${file}: ${label} ${percent(probabilities[label] ?? Number.NaN)} (${rest.join(', ')})`
}

/** The answer for one file, or why there is none. */
export type Classified =
  | (Answer & {
      readonly file: string
      /** By what the logits are divided; null when the probabilities are not calibrated. */
      readonly temperature: number | null
    })
  | { readonly file: string; readonly problem: string }

/** As in training: batches of the same shape give the same bits. */
const BATCH_SIZE = 32

/** Classifies images batch by batch, in the order of the files; a file that is not an image does not stop the others. */
export async function* classifyFiles(
  chosen: Pick<Chosen, 'model' | 'calibration' | 'novelty'>,
  files: readonly string[],
): AsyncGenerator<Classified> {
  const { image } = chosen.model
  const temperature = chosen.calibration?.temperature ?? null
  const answering = openAnswering(chosen)
  try {
    for (let start = 0; start < files.length; start += BATCH_SIZE) {
      const decoded = await pMap(files.slice(start, start + BATCH_SIZE), (file) => decode(file, image), {
        concurrency: DECODES_AT_ONCE,
      })
      const images = decoded.flatMap((each) => ('pixels' in each ? [each.pixels] : []))
      const answers = images.length > 0 ? answering.answer(Buffer.concat(images), images.length) : []
      for (const each of decoded) {
        if (each.problem !== undefined) yield each
        else yield { file: each.file, ...(answers.shift() as Answer), temperature }
      }
    }
  } finally {
    answering.dispose()
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
