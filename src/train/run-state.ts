import type { HistoryRow, PhaseName } from '../scores/history.ts'
import type { ArrayPart } from './checkpoint-arrays.ts'
import type { FitState } from './job.ts'
import type { StoppingParams } from './params.ts'
import { bestEpochOf } from './stopping.ts'

/** Where a run of one or more phases is; plain data, so that it can be saved. */
export interface RunState {
  /** The phase that it is in. */
  readonly phase: PhaseName
  /** The epochs of all phases before. */
  readonly earlier: readonly HistoryRow[]
  /** Where that phase is; its epochs count from 1. */
  readonly fit: FitState
}

/** The epochs of a run: those of the phases before, and those of its phase. */
export interface RunEpochs {
  readonly earlier: readonly HistoryRow[]
  readonly fit: { readonly history: readonly HistoryRow[] }
}

/** The history of a run so far: the epochs of its phase go on counting where those before it end. */
export function historyOfRun({ earlier, fit }: RunEpochs): HistoryRow[] {
  return [...earlier, ...fit.history.map((row) => ({ ...row, epoch: row.epoch + earlier.length }))]
}

/** The best epoch of a run so far, 0 when there is none, and which of a checkpoint's arrays has its weights. */
export function bestOfRun(epochs: RunEpochs, stopping: StoppingParams): { epoch: number; part: ArrayPart } {
  const epoch = bestEpochOf(historyOfRun(epochs), stopping)
  return { epoch, part: epoch > epochs.earlier.length || epochs.earlier.length === 0 ? 'best' : 'earlier' }
}

/** Whether it was a person that ended a phase, by its history: nothing else ends one before its first epoch is over. */
export function isFinished(history: readonly HistoryRow[]): boolean {
  return history.length === 0 || history.at(-1)?.stopped_by === 'finish'
}
