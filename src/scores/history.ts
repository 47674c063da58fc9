import { readFile } from 'node:fs/promises'
import { readCsv, writeCsv } from '../core/csv.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { writeFileAtomically } from '../core/files.ts'

/** Why a training ended: a rule of `train.stopping`, `epochs` after the last one, `finish` on `npm run finish`. */
export const STOP_REASONS = ['target', 'overfitting', 'converged', 'early', 'epochs', 'finish'] as const
export type StopReason = (typeof STOP_REASONS)[number]

/** What an epoch trained: the head on features, or the network on images, without its frozen layers. */
export const PHASES = ['head', 'network'] as const
export type PhaseName = (typeof PHASES)[number]

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
const COLUMNS = [...NUMBERS, 'phase', 'stopped_by'] as const

/**
 * One epoch (from 1): mean training loss and accuracy, and the validation scores after it.
 *
 * `collapsed` is 1 when training was no better than guessing by class frequency, else 0.
 */
export interface HistoryRow extends Readonly<Record<(typeof NUMBERS)[number], number>> {
  readonly phase: PhaseName
  /** Set in the last epoch of each phase, else empty. */
  readonly stopped_by: StopReason | ''
}

/** Writes history.csv: a line per epoch; six decimals, and six digits of the learning rate, which may be small. */
export async function writeHistory(path: string, rows: readonly HistoryRow[]): Promise<void> {
  const rounded = rows.map((row) => ({
    ...row,
    ...numbersOf((column) => Number(row[column].toFixed(6))),
    learning_rate: Number(row.learning_rate.toPrecision(6)),
  }))
  await writeCsv(path, COLUMNS, rounded)
}

/**
 * Writes the validation scores of the kept epoch as JSON: `accuracy` and `macro_f1` in [0, 1], `loss` in nats, `best_epoch`
 * (from 1) and the number of `epochs`; and the first two to a file of their own, for DVC's tables, which have room for no more.
 */
export async function writeValidationScores(
  { validation, scores }: { readonly validation: string; readonly scores: string },
  history: readonly HistoryRow[],
  bestEpoch: number,
): Promise<void> {
  const best = history.find(({ epoch }) => epoch === bestEpoch)
  const rounded = (value = Number.NaN) => Number(value.toFixed(6))
  const headline = { accuracy: rounded(best?.validation_accuracy), macro_f1: rounded(best?.validation_macro_f1) }
  const all = { ...headline, loss: rounded(best?.validation_loss), best_epoch: bestEpoch, epochs: history.length }
  await writeFileAtomically(validation, `${JSON.stringify(all, null, 2)}\n`)
  await writeFileAtomically(scores, `${JSON.stringify(headline, null, 2)}\n`)
}

/** Reads a history.csv. @throws DataError when a column is missing, or `phase` or `stopped_by` holds an unknown word. */
export async function readHistory(path: string): Promise<HistoryRow[]> {
  const phases = `phase in ${path} to be ${PHASES.join(' or ')}`
  const reasons = `stopped_by in ${path} to be one of ${STOP_REASONS.join(', ')} or empty`
  return (await readCsv(path, COLUMNS)).map((row) => ({
    ...numbersOf((column) => Number(row[column])),
    phase: wordOf(PHASES, row.phase, phases),
    stopped_by: wordOf([...STOP_REASONS, ''], row.stopped_by, reasons),
  }))
}

/** How a training ended: `all 16 epochs used`, `stopped after epoch 9 by stopping.early`. */
export function describeEnding(history: readonly HistoryRow[]): string {
  const { epoch, stopped_by } = history.at(-1) ?? { epoch: 0, stopped_by: '' }
  switch (stopped_by) {
    case '':
      return `not ended after epoch ${epoch}`
    case 'epochs':
      return `all ${epoch} epochs used`
    case 'finish':
      return `ended by hand after epoch ${epoch}`
    default:
      return `stopped after epoch ${epoch} by stopping.${stopped_by}`
  }
}

/** Writes notes.txt: what to know about a training beside its numbers, a note per line. */
export async function writeNotes(path: string, notes: readonly string[]): Promise<void> {
  await writeFileAtomically(path, notes.map((note) => `${note}\n`).join(''))
}

/** Reads a notes.txt. @throws DataError when it is missing. */
export async function readNotes(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DataError(`Expected the notes of a training in ${path}, received: ${messageOf(error)}. Run train again.`)
  })
  return text.split('\n').filter((line) => line !== '')
}

function numbersOf(value: (column: (typeof NUMBERS)[number]) => number): Omit<HistoryRow, 'phase' | 'stopped_by'> {
  const entries = NUMBERS.map((column) => [column, value(column)])
  return Object.fromEntries(entries) as Omit<HistoryRow, 'phase' | 'stopped_by'>
}

function wordOf<Word extends string>(words: readonly Word[], received: string, expected: string): Word {
  const word = words.find((each) => each === received)
  if (word !== undefined) return word
  throw new DataError(`Expected ${expected}, received ${received || 'nothing'}. Train the configuration again.`)
}
