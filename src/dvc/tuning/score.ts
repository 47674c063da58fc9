import { parseCsv } from '../../core/csv.ts'

/** How good a training was: validation accuracy of its best epoch, the loss of that epoch, and how many there were. */
export interface TrialScore {
  readonly accuracy: number
  readonly loss: number
  readonly bestEpoch: number
  readonly epochs: number
}

const COLUMNS = ['epoch', 'validation_accuracy', 'validation_loss'] as const

/** The score that a history.csv tells; `name` is what a message calls it. @throws DataError when it is none. */
export function scoreOfHistory(text: string, name: string): TrialScore {
  const rows = parseCsv(text, COLUMNS, name)
  const none = { accuracy: Number.NaN, loss: Number.NaN, bestEpoch: 0 }
  const best = rows
    .map((row) => ({
      accuracy: Number(row.validation_accuracy),
      loss: Number(row.validation_loss),
      bestEpoch: Number(row.epoch),
    }))
    .reduce((sofar, epoch) => (isBetter(epoch, sofar) ? epoch : sofar), none)
  return { ...best, epochs: rows.length }
}

/** Whether a score is better than another: accuracy, then loss; so written that NaN never wins, and loses against any number. */
export function isBetter(score: Pick<TrialScore, 'accuracy' | 'loss'>, than: Pick<TrialScore, 'accuracy' | 'loss'>) {
  if (Number.isNaN(than.accuracy)) return !Number.isNaN(score.accuracy)
  if (score.accuracy !== than.accuracy) return score.accuracy > than.accuracy
  return score.loss < than.loss || (Number.isNaN(than.loss) && !Number.isNaN(score.loss))
}
