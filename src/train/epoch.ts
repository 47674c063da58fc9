import { seededRng } from '../core/random.ts'
import type { HistoryRow } from '../scores/history.ts'
import type { PartScores } from '../scores/scores.ts'
import type { FitJob } from './job.ts'
import type { LossTotals } from './loss-log.ts'
import { findOneAnswer } from './one-answer.ts'
import { classPrior, isCollapsed } from './prior.ts'
import { epochRows } from './sampling.ts'
import { stopReason } from './stopping.ts'

/** What an epoch came to. */
export interface EpochScores {
  readonly epoch: number
  readonly totals: LossTotals
  /** Of its last step. */
  readonly learningRate: number
  readonly validated: PartScores
}

/** The history with an epoch more: its scores, whether training is no better than guessing, and what stops it there. */
export function withEpoch(
  history: readonly HistoryRow[],
  { epoch, totals, learningRate, validated }: EpochScores,
  job: FitJob,
): HistoryRow[] {
  const scores = {
    epoch,
    loss: totals.loss / totals.images,
    accuracy: totals.correct / totals.images,
    validation_loss: validated.loss,
    validation_accuracy: validated.accuracy,
    validation_macro_precision: validated.macro_precision,
    validation_macro_recall: validated.macro_recall,
    validation_macro_f1: validated.macro_f1,
    learning_rate: learningRate,
  }
  const collapsed = isCollapsed(scores, priorOf(job, epoch)) ? 1 : 0
  const rows: HistoryRow[] = [...history, { ...scores, collapsed, phase: job.phase, stopped_by: '' }]
  return endedBy(stopReason(rows, job.params), rows)
}

/** The history of a training that ended after its last epoch, or goes on where there is no reason. */
export function endedBy(reason: HistoryRow['stopped_by'], history: readonly HistoryRow[]): HistoryRow[] {
  return history.map((row, i) => (i === history.length - 1 ? { ...row, stopped_by: reason } : row))
}

/** Tells whoever listens about the last epoch of a history, which had so many steps, and what validation gave after it. */
export function tellEpoch(
  history: readonly HistoryRow[],
  { validated, stepsPerEpoch }: { readonly validated: PartScores; readonly stepsPerEpoch: number },
  job: FitJob,
): void {
  const [before, row] = [history.at(-2), history.at(-1)]
  if (!row) return
  job.listener.onEpoch(row)
  job.listener.onHistory?.(history)
  const prior = priorOf(job, row.epoch)
  if (row.collapsed && !before?.collapsed) job.listener.onCollapse?.(row, prior)
  const answer = findOneAnswer(row, validated, { ...job, prior, stepsPerEpoch })
  if (answer) job.listener.onOneAnswer?.(row, answer)
}

/** The rows of training that an epoch (from 1) shows, in their order; seed and epoch alone decide. */
export function rowsOf({ training, params, seed }: FitJob, epoch: number): number[] {
  const { sampling } = params
  return epochRows(training, { epoch: epoch - 1, sampling, rng: seededRng(seed, 'order', epoch) })
}

function priorOf(job: FitJob, epoch: number) {
  const { training, classes, params } = job
  const labels = rowsOf(job, epoch).map((row) => training.labels[row] ?? 0)
  return classPrior(labels, classes.length, params)
}
