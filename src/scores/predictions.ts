import { type CsvRow, readCsv, readCsvColumns, writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import type { Part } from '../core/paths.ts'

/** The parts that are evaluated, in the order of every file and table. */
export const EVALUATED_PARTS = ['validation', 'holdout', 'test'] as const satisfies readonly Part[]
export type EvaluatedPart = (typeof EVALUATED_PARTS)[number]

/** The output of a network for one image; `probabilities` are in the order of the classes. */
export interface Prediction {
  readonly id: string
  readonly part: EvaluatedPart
  readonly label: string
  readonly probabilities: readonly number[]
}

/** The class predicted for one image, without probabilities: what results/ keeps. */
export interface Answer extends Omit<Prediction, 'probabilities'> {
  readonly prediction: string
  /** The group of near duplicates that the image is in. */
  readonly group?: string | undefined
}

export interface PredictedImage extends Prediction, Answer {}

/** With calibrated probabilities beside the network's own: a row of predictions.csv. */
export interface CalibratedImage extends PredictedImage {
  readonly calibrated: readonly number[]
}

export function isWrong({ label, prediction }: Pick<Answer, 'label' | 'prediction'>): boolean {
  return label !== prediction
}

const PROBABILITY = 'probability_'
const CALIBRATED = 'calibrated_'
const COLUMNS = ['id', 'part', 'label', 'prediction'] as const

export function byPart<T>(value: (part: EvaluatedPart) => T): Record<EvaluatedPart, T> {
  return { validation: value('validation'), holdout: value('holdout'), test: value('test') }
}

/** The class with the largest probability; the first of a tie. @throws DataError when every probability is NaN. */
export function predictedClass(probabilities: readonly number[], classes: readonly string[]): string {
  const best = probabilities.reduce(
    (best, probability, index) => (probability > (probabilities[best] ?? Number.NEGATIVE_INFINITY) ? index : best),
    -1,
  )
  const prediction = classes[best]
  if (prediction === undefined) {
    throw new DataError(
      `Expected ${classes.length} probabilities, received ${probabilities.join(', ') || 'none'}. Train the configuration again.`,
    )
  }
  return prediction
}

/** Adds to each prediction its class. @throws DataError that names the images with a probability that is not finite. */
export function classify(predictions: readonly Prediction[], classes: readonly string[]): PredictedImage[] {
  const broken = predictions.filter(({ probabilities }) => !probabilities.every(Number.isFinite))
  if (broken.length > 0) {
    const ids = broken.slice(0, 5).map(({ id }) => id)
    throw new DataError(
      `Expected finite probabilities, received others for ${broken.length} images: ${ids.join(', ')}${broken.length > ids.length ? ', …' : ''}. Train the configuration again with a lower learning rate.`,
    )
  }
  return predictions.map((prediction) => ({
    ...prediction,
    prediction: predictedClass(prediction.probabilities, classes),
  }))
}

export function inOrder<T extends Answer>(answers: readonly T[]): T[] {
  return [...answers].sort(
    (a, b) => EVALUATED_PARTS.indexOf(a.part) - EVALUATED_PARTS.indexOf(b.part) || (a.id < b.id ? -1 : 1),
  )
}

/** Writes predictions.csv, sorted by part, then by id; probabilities with six decimals. */
export async function writePredictions(
  path: string,
  images: readonly CalibratedImage[],
  classes: readonly string[],
): Promise<void> {
  const columns = [...COLUMNS, ...[PROBABILITY, CALIBRATED].flatMap((prefix) => classes.map((name) => prefix + name))]
  const rows = inOrder(images).map(({ id, part, label, prediction, probabilities, calibrated }) => {
    const numbers = [...probabilities, ...calibrated].map((value) => value.toFixed(6))
    return Object.fromEntries([id, part, label, prediction, ...numbers].map((cell, place) => [columns[place], cell]))
  })
  await writeCsv(path, columns, rows)
}

/** Reads the rows of a predictions.csv, in its order; `prediction` comes from its column, since rounding may make a tie. */
export async function readPredictions(path: string): Promise<CalibratedImage[]> {
  const columns = await readCsvColumns(path)
  const probabilities = columns.filter((column) => column.startsWith(PROBABILITY))
  const calibrated = columns.filter((column) => column.startsWith(CALIBRATED))
  const rows = await readCsv<string>(path, [...COLUMNS, ...probabilities, ...calibrated])
  return rows.map((row) => ({
    id: row.id ?? '',
    part: parsePart(row.part ?? '', path),
    label: row.label ?? '',
    prediction: row.prediction ?? '',
    probabilities: probabilities.map((column) => Number(row[column])),
    calibrated: calibrated.map((column) => Number(row[column])),
  }))
}

/** The evaluated part of that name; messages call the file that holds it `name`. @throws DataError for another name. */
export function parsePart(text: string, name: string): EvaluatedPart {
  const part = EVALUATED_PARTS.find((part) => part === text)
  if (part) return part
  throw new DataError(
    `Expected a part, one of ${EVALUATED_PARTS.join(', ')}, in ${name}, received ${text}. Run evaluate again.`,
  )
}

/** The rows of a CSV file with a column `part`, by part and in its order. */
export async function readByPart<Column extends string>(
  path: string,
  columns: readonly Column[],
): Promise<Record<EvaluatedPart, CsvRow<Column>[]>> {
  return groupByPart(await readCsv<Column | 'part'>(path, ['part', ...columns]), path)
}

/** The rows of a CSV file by part, in their order; messages call the file `name`. */
export function groupByPart<Row extends CsvRow<'part'>>(
  rows: readonly Row[],
  name: string,
): Record<EvaluatedPart, Row[]> {
  const ofPart = Map.groupBy(rows, (row) => parsePart(row.part, name))
  return byPart((part) => ofPart.get(part) ?? [])
}
