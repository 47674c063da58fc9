import type { HistoryRow, StopReason } from '../scores/history.ts'
import type { Monitor, StoppingParams } from './params.ts'

/** Whether training stops after the last epoch of a history. */
export type StoppingRule = (history: readonly HistoryRow[]) => boolean

/** What stops training after the last epoch of a history: a rule, `epochs` when all were used, or nothing yet (''). */
export function stopReason(
  history: readonly HistoryRow[],
  { stopping, epochs }: { readonly stopping: StoppingParams; readonly epochs: number },
): Exclude<StopReason, 'finish'> | '' {
  const { target, overfitting, converged, early } = stopping
  if (target && reachesTarget(target)(history)) return 'target'
  if (overfitting && overfits(overfitting)(history)) return 'overfitting'
  if (converged && converges(converged)(history)) return 'converged'
  if (early && stopsImproving(early)(history)) return 'early'
  return history.length >= epochs ? 'epochs' : ''
}

/**
 * The best epoch of a history by the monitor of early stopping, or by validation accuracy without it. Ties go to the lower
 * validation loss, then to the earlier epoch. 0 when every value is NaN.
 */
export function bestEpochOf(history: readonly HistoryRow[], { early }: Pick<StoppingParams, 'early'>): number {
  const monitor = early?.monitor ?? 'validation_accuracy'
  return history[improvements(history, { monitor, minChange: 0 }).at(-1) ?? -1]?.epoch ?? 0
}

/** The monitor has reached `value`. */
export function reachesTarget({ monitor, value }: NonNullable<StoppingParams['target']>): StoppingRule {
  const sign = DIRECTION[monitor]
  return (history) => history.slice(-1).some((row) => sign * row[monitor] >= sign * value)
}

/** The monitor got worse in each of the last `epochs` epochs. */
export function overfits({ monitor, epochs }: NonNullable<StoppingParams['overfitting']>): StoppingRule {
  return (history) => {
    const scores = history.slice(-epochs - 1).map((row) => DIRECTION[monitor] * row[monitor])
    return scores.length > epochs && scores.slice(1).every((score, i) => score < (scores[i] ?? Number.NaN))
  }
}

/** The last `epochs` values of the monitor lie within `tolerance` of each other. */
export function converges({ monitor, epochs, tolerance }: NonNullable<StoppingParams['converged']>): StoppingRule {
  return (history) => {
    const values = history.slice(-epochs).map((row) => row[monitor])
    return values.length === epochs && Math.max(...values) - Math.min(...values) <= tolerance
  }
}

/** The monitor has not improved by more than `minChange` for `patience` epochs. */
export function stopsImproving(params: NonNullable<StoppingParams['early']>): StoppingRule {
  return (history) => history.length - 1 - (improvements(history, params).at(-1) ?? -1) >= params.patience
}

/** 1 if higher is better, -1 if lower is. */
const DIRECTION: Readonly<Record<Monitor, 1 | -1>> = {
  validation_accuracy: 1,
  validation_loss: -1,
  validation_macro_f1: 1,
  accuracy: 1,
  loss: -1,
}

/** The places of the epochs that were better than all before them. NaN is never better. */
function improvements(
  history: readonly HistoryRow[],
  { monitor, minChange }: { readonly monitor: Monitor; readonly minChange: number },
): number[] {
  const found: number[] = []
  let best = { score: Number.NEGATIVE_INFINITY, loss: Number.POSITIVE_INFINITY }
  for (const [place, row] of history.entries()) {
    const [score, loss] = [DIRECTION[monitor] * row[monitor], row.validation_loss]
    const isBetter = score - best.score > minChange || (minChange === 0 && score === best.score && loss < best.loss)
    if (!isBetter) continue
    best = { score, loss }
    found.push(place)
  }
  return found
}
