import type { HistoryRow } from '../scores/history.ts'

/** One epoch in a line: `epoch 4/10: loss 0.794, accuracy 0.611; validation loss 2.488, accuracy 0.333, F1 0.167 (2.2 s)`. */
export function describeEpoch(row: HistoryRow, epochs: number, pacing: readonly string[]): string {
  const scores = `${trained(row)}; ${validated(row)}, F1 ${shown(row.validation_macro_f1)}`
  return `${place(row, epochs)}: ${scores}${pacing.length > 0 ? ` (${pacing.join(', ')})` : ''}`
}

/** The same in less than so many columns: without what matters least, as little of it as will do. */
export function fitEpoch(row: HistoryRow, epochs: number, pacing: readonly string[], columns: number): string {
  const where = place(row, epochs)
  const lines = [
    describeEpoch(row, epochs, pacing),
    describeEpoch(row, epochs, pacing.slice(0, 1)),
    describeEpoch(row, epochs, []),
    `${where}: ${trained(row)}; ${validated(row)}`,
    `${where}: ${trained(row)}; validation ${shown(row.validation_accuracy)}`,
    `${where}: accuracy ${shown(row.accuracy)}; validation ${shown(row.validation_accuracy)}`,
  ]
  return lines.find((line) => line.length < columns) ?? `${where}: ${shown(row.validation_accuracy)}`
}

function place({ epoch }: HistoryRow, epochs: number): string {
  return `epoch ${epoch}/${epochs}`
}

function trained({ loss, accuracy }: HistoryRow): string {
  return `loss ${shown(loss)}, accuracy ${shown(accuracy)}`
}

function validated({ validation_loss, validation_accuracy }: HistoryRow): string {
  return `validation loss ${shown(validation_loss)}, accuracy ${shown(validation_accuracy)}`
}

function shown(value: number): string {
  return value.toFixed(3)
}
