import { readCsv, writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'

/** Why a training ended: a rule of `train.stopping`, `epochs` when all of them were used, `finish` when a person ended it. */
export const STOP_REASONS = ['target', 'overfitting', 'converged', 'early', 'epochs', 'finish'] as const
export type StopReason = (typeof STOP_REASONS)[number]

const NUMBERS = [
  'epoch',
  'loss',
  'accuracy',
  'validation_loss',
  'validation_accuracy',
  'validation_macro_precision',
  'validation_macro_recall',
  'validation_macro_f1',
  'learning_rate',
  'collapsed',
] as const
const COLUMNS = [...NUMBERS, 'stopped_by'] as const

/**
 * One epoch (from 1): mean loss and accuracy while training, and the scores on validation after it.
 *
 * `collapsed` is 1 when training was no better than guessing by the class shares, else 0.
 */
export interface HistoryRow extends Readonly<Record<(typeof NUMBERS)[number], number>> {
  /** Empty but in the last epoch. */
  readonly stopped_by: StopReason | ''
}

/** Writes history.csv, one line an epoch. */
export async function writeHistory(path: string, rows: readonly HistoryRow[]): Promise<void> {
  await writeCsv(path, COLUMNS, rows.map(rounded))
}

/** Reads what `writeHistory` wrote. @throws DataError when a column is missing or nobody knows why training stopped. */
export async function readHistory(path: string): Promise<HistoryRow[]> {
  const rows = await readCsv(path, COLUMNS)
  return rows.map((row) => ({ ...numbersOf((column) => Number(row[column])), stopped_by: parseReason(row, path) }))
}

/** Six decimals, and six digits of the learning rate, which may be small. */
function rounded(row: HistoryRow): HistoryRow {
  return {
    ...numbersOf((column) => Number(row[column].toFixed(6))),
    learning_rate: Number(row.learning_rate.toPrecision(6)),
    stopped_by: row.stopped_by,
  }
}

function numbersOf(value: (column: (typeof NUMBERS)[number]) => number): Omit<HistoryRow, 'stopped_by'> {
  const entries = NUMBERS.map((column) => [column, value(column)])
  return Object.fromEntries(entries) as Omit<HistoryRow, 'stopped_by'>
}

function parseReason({ stopped_by: text }: { readonly stopped_by: string }, name: string): StopReason | '' {
  const reason = STOP_REASONS.find((each) => each === text)
  if (reason !== undefined || text === '') return reason ?? ''
  throw new DataError(
    `Expected stopped_by in ${name} to be one of ${STOP_REASONS.join(', ')} or empty, received ${text}. Train the configuration again.`,
  )
}
