import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCsv, parseCsvColumns, writeCsv } from '../core/csv.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { recordByName } from '../core/names.ts'
import { paths } from '../core/paths.ts'
import { type Metrics, readMetrics } from './metrics.ts'
import { type Answer, inOrder, parsePart } from './predictions.ts'

/** What results/ holds of one configuration: its metrics and the class predicted for each image. */
export interface Scored {
  readonly metrics: Metrics
  readonly predictions: readonly Answer[]
}

/** Reads results/ for these configurations, by name. @throws DataError when a file or a configuration is missing. */
export async function readScored(names: readonly string[]): Promise<Record<string, Scored>> {
  const metrics = await Promise.all(names.map((name) => readMetrics(join(paths.resultsMetrics, `${name}.json`))))
  const answers = await readAnswers(paths.resultsPredictions)
  const entries = names.map((name, place) => {
    const predictions = answers[name]
    if (predictions) return [name, { metrics: metrics[place] as Metrics, predictions }] as const
    throw new DataError(
      `Expected predictions of ${name} in ${paths.resultsPredictions}, received none. Run report again.`,
    )
  })
  return recordByName(entries)
}

export function metricsOf(scored: Readonly<Record<string, Pick<Scored, 'metrics'>>>): Record<string, Metrics> {
  return recordByName(Object.entries(scored).map(([name, { metrics }]) => [name, metrics]))
}

/**
 * The headline figures of the chosen configuration, in results/accuracy.json: on validation under the names that train uses,
 * and the accuracy on the test images. DVC's tables have room for no more; everything else is in results/metrics/.
 */
export function headlineOf(chosen: Metrics | undefined): Readonly<Record<string, number>> {
  if (chosen === undefined) return {}
  return { accuracy: chosen.validation.accuracy, macro_f1: chosen.validation.macro_f1, test: chosen.test.accuracy }
}

const COLUMNS = ['id', 'part', 'label'] as const
const GROUP = 'group'
const PREDICTION = 'prediction_'

/**
 * Writes results/predictions.csv: a row per image, a column per configuration with its wrong predictions; empty where it is right.
 * Images with near duplicates have the name of their group.
 *
 * @throws DataError when the configurations were evaluated on different images.
 */
export async function writeAnswers(path: string, answers: Readonly<Record<string, readonly Answer[]>>): Promise<void> {
  const [first = '', ...others] = Object.keys(answers)
  const images = inOrder(answers[first] ?? [])
  const names = [first, ...others]
  const predictions = names.map((name) => predictionsFor(images, answers[name] ?? [], [name, first]))
  const isGrouped = images.some(({ group }) => group !== undefined)
  const rows = images.map(({ id, part, label, group = '' }, row) => {
    const cells = names.map((name, place) => {
      const prediction = predictions[place]?.[row] ?? ''
      return [PREDICTION + name, prediction === label ? '' : prediction]
    })
    return { id, part, label, ...(isGrouped && { group }), ...Object.fromEntries(cells) }
  })
  await writeCsv<string>(
    path,
    [...COLUMNS, ...(isGrouped ? [GROUP] : []), ...names.map((name) => PREDICTION + name)],
    rows,
  )
}

/** Reads what `writeAnswers` wrote: the predictions of each configuration, by its name. */
export async function readAnswers(path: string): Promise<Record<string, Answer[]>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DataError(`Expected predictions at ${path}, received: ${messageOf(error)}. Run report.`)
  })
  return parseAnswers(text, path)
}

/** The same from the text of the file, which messages call `path`. */
export function parseAnswers(text: string, path: string): Record<string, Answer[]> {
  const header = parseCsvColumns(text, path)
  const columns = header.filter((column) => column.startsWith(PREDICTION))
  const rows = parseCsv<string>(text, [...COLUMNS, ...header.filter((column) => column === GROUP), ...columns], path)
  const entries = columns.map((column) => {
    const answers = rows.map((row) => {
      const { id = '', part = '', label = '', group } = row
      return { id, part: parsePart(part, path), label, prediction: row[column] || label, ...(group && { group }) }
    })
    return [column.slice(PREDICTION.length), answers] as const
  })
  return recordByName(entries)
}

/** The prediction for each of the images. @throws DataError when the answers are about other images. */
function predictionsFor(
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

/** Image, part and label, on which configurations must agree. */
function keyOf({ id, part, label }: Answer): string {
  return JSON.stringify([id, part, label])
}
