import { readFile } from 'node:fs/promises'
import { parseCsv, parseCsvColumns, writeCsv } from '../core/csv.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { type Answer, inOrder, parsePart } from './predictions.ts'

const COLUMNS = ['id', 'part', 'label'] as const
const PREDICTION = 'prediction_'

/**
 * Writes what every configuration took each image for, into one file: a row an image, a column a configuration, empty where it
 * is right.
 *
 * @throws DataError when the configurations were not asked about the same images.
 */
export async function writeAnswers(path: string, answers: Readonly<Record<string, readonly Answer[]>>): Promise<void> {
  const [first = '', ...others] = Object.keys(answers)
  const images = inOrder(answers[first] ?? [])
  const names = [first, ...others]
  const predictions = names.map((name) => predictionsOf(images, answers[name] ?? [], [name, first]))
  const rows = images.map(({ id, part, label }, row) => {
    const cells = names.map((name, place) => {
      const prediction = predictions[place]?.[row] ?? ''
      return [PREDICTION + name, prediction === label ? '' : prediction]
    })
    return { id, part, label, ...Object.fromEntries(cells) }
  })
  await writeCsv<string>(path, [...COLUMNS, ...names.map((name) => PREDICTION + name)], rows)
}

/** What each configuration took each image for, by its name. */
export async function readAnswers(path: string): Promise<Record<string, Answer[]>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DataError(`Expected answers at ${path}, received: ${messageOf(error)}. Run report.`)
  })
  return parseAnswers(text, path)
}

/** What each configuration took each image for, by its name; `path` is what a message calls the text. */
export function parseAnswers(text: string, path: string): Record<string, Answer[]> {
  const columns = parseCsvColumns(text, path).filter((column) => column.startsWith(PREDICTION))
  const rows = parseCsv<string>(text, [...COLUMNS, ...columns], path)
  const entries = columns.map((column) => {
    const answers = rows.map(({ id = '', part = '', label = '', ...rest }) => ({
      id,
      part: parsePart(part, path),
      label,
      prediction: rest[column] || label,
    }))
    return [column.slice(PREDICTION.length), answers] as const
  })
  return Object.fromEntries(entries)
}

/** What each of the images was taken for. @throws DataError when the answers are about others. */
function predictionsOf(
  images: readonly Answer[],
  answers: readonly Answer[],
  [name, other]: readonly [string, string],
): string[] {
  const byImage = new Map(answers.map((answer) => [keyOf(answer), answer.prediction]))
  const predictions = images.map((image) => byImage.get(keyOf(image))).filter((prediction) => prediction !== undefined)
  if (predictions.length === images.length && answers.length === images.length) return predictions
  throw new DataError(
    `Expected ${name} to be evaluated on the ${images.length} images of ${other}, received ${predictions.length} of them and ${answers.length - predictions.length} others. Run \`npm run repro\`.`,
  )
}

/** An image with its part and label, which configurations must agree on. */
function keyOf({ id, part, label }: Answer): string {
  return JSON.stringify([id, part, label])
}
