import { seededRng } from '../core/random.ts'
import type { HistoryRow, PhaseName } from '../scores/history.ts'
import type { PartScores } from '../scores/scores.ts'
import type { TrainingState } from './checkpoint.ts'
import { type ClassPrior, classPrior, findOneAnswer, isCollapsed, type OneAnswer } from './collapse.ts'
import { epochRows } from './sampling.ts'
import type { TrainingJob } from './session.ts'
import { stopReason } from './stopping.ts'

/** Callbacks. */
export interface TrainingCallbacks {
  /** After each step: epoch of the phase from 1, images of the epoch shown so far, and the mean loss at the last reading. */
  onStep(epoch: number, images: number, loss: number): void
  /** After each epoch. Here and below, a row's epoch counts from 1 in its phase. */
  onEpoch(row: HistoryRow): void
  /** The epochs of all phases so far: when a phase begins or continues, and after each epoch. */
  onHistory?(history: readonly HistoryRow[]): void
  /** After an epoch no better than guessing, if the epoch before it was better or too early to judge. */
  onCollapse?(row: HistoryRow, prior: ClassPrior): void
  /** After each epoch that predicts one class for nearly all validation images, though it has learned the training images. */
  onOneAnswer?(row: HistoryRow, answer: OneAnswer): void
  /** Before each step: how long it waited for its batch. */
  onWait?(milliseconds: number): void
}

/**
 * The history with one more epoch: its scores, whether training is no better than guessing, and what stops it.
 *
 * @param learningRate of its last step
 */
export function withEpoch(
  { history, totals }: TrainingState,
  { learningRate, validated }: { readonly learningRate: number; readonly validated: PartScores },
  job: TrainingJob,
): HistoryRow[] {
  const earlier = ofPhase(history, job.phase)
  const epoch = earlier.length + 1
  const scores = {
    epoch: history.length + 1,
    loss: totals.loss / totals.images,
    accuracy: totals.correct / totals.images,
    validation_loss: validated.loss,
    validation_accuracy: validated.accuracy,
    validation_macro_precision: validated.macro_precision,
    validation_macro_recall: validated.macro_recall,
    validation_macro_f1: validated.macro_f1,
    learning_rate: learningRate,
  }
  const prior = priorOf(job, epoch)
  const steps = epoch * Math.ceil(prior.images / job.params.batchSize)
  const collapsed = isCollapsed({ ...scores, epoch }, prior, steps) ? 1 : 0
  const row: HistoryRow = { ...scores, collapsed, phase: job.phase, stopped_by: '' }
  return endedBy(stopReason([...earlier, row], job.params), [...history, row])
}

/** The history with the reason, if there is one, why training ended after its last epoch. */
export function endedBy(reason: HistoryRow['stopped_by'], history: readonly HistoryRow[]): HistoryRow[] {
  return history.map((row, i) => (i === history.length - 1 ? { ...row, stopped_by: reason } : row))
}

/** Calls back about the last epoch of a history: its scores, and signs that training goes wrong. */
export function reportEpoch(
  history: readonly HistoryRow[],
  { validated, stepsPerEpoch }: { readonly validated: PartScores; readonly stepsPerEpoch: number },
  job: TrainingJob,
  callbacks: TrainingCallbacks,
): void {
  const rows = ofPhase(history, job.phase).map((row, i) => ({ ...row, epoch: i + 1 }))
  const [before, row] = [rows.at(-2), rows.at(-1)]
  if (!row) return
  callbacks.onEpoch(row)
  callbacks.onHistory?.(history)
  const prior = priorOf(job, row.epoch)
  if (row.collapsed && !before?.collapsed) callbacks.onCollapse?.(row, prior)
  const answer = findOneAnswer(row, validated, { ...job, prior, stepsPerEpoch })
  if (answer) callbacks.onOneAnswer?.(row, answer)
}

/** The rows of training that an epoch of a phase (from 1) shows, in order; they follow from seed and epoch alone. */
export function rowsOf({ training, params, seed }: TrainingJob, epoch: number): number[] {
  const { sampling } = params
  return epochRows(training, { epoch: epoch - 1, sampling, rng: seededRng(seed, 'order', epoch) })
}

/** The epochs of a phase. */
export function ofPhase(history: readonly HistoryRow[], phase: PhaseName): HistoryRow[] {
  return history.filter((row) => row.phase === phase)
}

function priorOf(job: TrainingJob, epoch: number): ClassPrior {
  const { training, classes, params } = job
  const labels = rowsOf(job, epoch).map((row) => training.labels[row] ?? 0)
  return classPrior(labels, classes.length, params)
}
