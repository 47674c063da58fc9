import type { HistoryRow } from '../scores/history.ts'

/** How a training ended: `all 16 epochs used`, `stopped after epoch 9 by stopping.early`. */
export function describeEnding(history: readonly HistoryRow[]): string {
  const { epoch, stopped_by } = history.at(-1) ?? { epoch: 0, stopped_by: '' }
  switch (stopped_by) {
    case '':
      return `no end after epoch ${epoch}`
    case 'epochs':
      return `all ${epoch} epochs used`
    case 'finish':
      return `ended by hand after epoch ${epoch}`
    default:
      return `stopped after epoch ${epoch} by stopping.${stopped_by}`
  }
}

/** In which epochs a training was no better than guessing; undefined when in none that was judged. */
export function describeCollapsedEpochs(history: readonly HistoryRow[]): string | undefined {
  const epochs = history.filter((row) => row.collapsed === 1).map((row) => row.epoch)
  if (epochs.length === 0) return undefined
  const until = history.at(-1)?.collapsed === 1 ? 'to its end' : `in ${epochs.length} of ${history.length} epochs`
  return `collapsed to the class prior: from epoch ${epochs[0]}, ${until}, no better in training than guessing by the class shares`
}
