import { readCsv, writeCsv } from '../core/csv.ts'

const COLUMNS = [
  'epoch',
  'loss',
  'accuracy',
  'validation_loss',
  'validation_accuracy',
  'validation_macro_f1',
  'learning_rate',
] as const

/** One epoch (from 1): mean loss and accuracy while training, and the scores on validation after it. */
export type HistoryRow = Readonly<Record<(typeof COLUMNS)[number], number>>

/** Writes history.csv, one line an epoch. */
export async function writeHistory(path: string, rows: readonly HistoryRow[]): Promise<void> {
  await writeCsv(path, COLUMNS, rows.map(rounded))
}

/** Reads what `writeHistory` wrote. */
export async function readHistory(path: string): Promise<HistoryRow[]> {
  const rows = await readCsv(path, COLUMNS)
  return rows.map((row) => Object.fromEntries(COLUMNS.map((column) => [column, Number(row[column])])) as HistoryRow)
}

/** Six decimals, and six digits of the learning rate, which may be small. */
function rounded(row: HistoryRow): HistoryRow {
  const entries = COLUMNS.map((column) => [column, Number(row[column].toFixed(6))])
  return { ...Object.fromEntries(entries), learning_rate: Number(row.learning_rate.toPrecision(6)) }
}
