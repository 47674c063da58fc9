import { type CsvRow, parseCsv, writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { byPart, EVALUATED_PARTS, type EvaluatedPart, groupByPart, readByPart } from './predictions.ts'

/** Confusion matrix: `counts[actual][predicted]`, `[C, C]`, in the order of `classes`. */
export interface ConfusionMatrix {
  readonly classes: readonly string[]
  readonly counts: readonly (readonly number[])[]
}

const COLUMNS = ['actual', 'predicted', 'count'] as const

/** Counts predictions by label. @throws DataError when a label or a prediction is not one of the classes. */
export function confusionMatrix(
  images: readonly { readonly id: string; readonly label: string; readonly prediction: string }[],
  classes: readonly string[],
): ConfusionMatrix {
  const places = new Map(classes.map((name, place) => [name, place]))
  const counts = classes.map(() => classes.map(() => 0))
  for (const { id, label, prediction } of images) {
    const row = counts[places.get(label) ?? -1]
    const column = places.get(prediction)
    if (row === undefined || column === undefined) {
      throw new DataError(
        `Expected one of the classes ${classes.join(', ')} for ${id}, received label ${label}, prediction ${prediction}. Run split and train again.`,
      )
    }
    row[column] = (row[column] ?? 0) + 1
  }
  return { classes, counts }
}

/** Writes confusion.csv: of each part the cells that are not 0, and the diagonal, which names the classes. */
export async function writeConfusion(
  path: string,
  confusion: Readonly<Record<EvaluatedPart, ConfusionMatrix>>,
): Promise<void> {
  const rows = EVALUATED_PARTS.flatMap((part) => {
    const { classes, counts } = confusion[part]
    return classes.flatMap((actual, row) =>
      classes.flatMap((predicted, column) => {
        const count = counts[row]?.[column] ?? 0
        return count > 0 || row === column ? [{ part, actual, predicted, count }] : []
      }),
    )
  })
  await writeCsv(path, ['part', ...COLUMNS], rows)
}

/** Reads the matrices of a confusion.csv, classes in the order of the file. */
export async function readConfusion(path: string): Promise<Record<EvaluatedPart, ConfusionMatrix>> {
  return matricesOf(await readByPart(path, COLUMNS), path)
}

/** The same from the text of the file, which messages call `path`. */
export function parseConfusion(text: string, path: string): Record<EvaluatedPart, ConfusionMatrix> {
  return matricesOf(groupByPart(parseCsv(text, ['part', ...COLUMNS], path), path), path)
}

function matricesOf(
  rows: Readonly<Record<EvaluatedPart, CsvRow<(typeof COLUMNS)[number]>[]>>,
  path: string,
): Record<EvaluatedPart, ConfusionMatrix> {
  return byPart((part) => {
    const cells = rows[part]
    const labels = new Set(cells.map(({ actual }) => actual))
    const classes = [...labels]
    const stranger = cells.find(({ predicted }) => !labels.has(predicted))
    if (stranger) {
      throw new DataError(
        `Expected the diagonal of a matrix in ${path}, received no cell of ${stranger.predicted} on it. Run evaluate again.`,
      )
    }
    const counts = new Map(cells.map(({ actual, predicted, count }) => [JSON.stringify([actual, predicted]), count]))
    return {
      classes,
      counts: classes.map((actual) =>
        classes.map((predicted) => parseCount(counts.get(JSON.stringify([actual, predicted])) ?? '0', path)),
      ),
    }
  })
}

function parseCount(text: string, name: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new DataError(`Expected a count in every line of ${name}, received ${text || 'none'}. Run evaluate again.`)
}
