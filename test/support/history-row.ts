import type { HistoryRow } from '../../src/scores/history.ts'

/** A row of a history, in the midst of a training where nothing else is said. */
export function historyRow(epoch: number, scores: Partial<HistoryRow> = {}): HistoryRow {
  return {
    epoch,
    loss: 1,
    accuracy: 0.5,
    validation_loss: 1,
    validation_accuracy: 0.5,
    validation_macro_precision: 0.5,
    validation_macro_recall: 0.5,
    validation_macro_f1: 0.5,
    learning_rate: 0.001,
    collapsed: 0,
    phase: 'network',
    stopped_by: '',
    ...scores,
  }
}
