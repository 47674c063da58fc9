import type { HistoryRow, StopReason } from '../scores/history.ts'
import type { Monitor, StoppingParams } from './params.ts'

/** Whether training stops after the last epoch of a history. */
export type StoppingRule = (history: readonly HistoryRow[]) => boolean

type RuleName = keyof StoppingParams

/** The rules, by the key of their parameters; if two hold at once, the first one is named. */
const RULES: { readonly [Name in RuleName]: (params: NonNullable<StoppingParams[Name]>) => StoppingRule } = {
  target: reachesTarget,
  overfitting: overfits,
  converged: converges,
  early: stopsImproving,
}

/** What stops training after the last epoch of a history: a rule, `epochs` when all were used, or nothing yet (''). */
export function stopReason(
  history: readonly HistoryRow[],
  { stopping, epochs }: { readonly stopping: StoppingParams; readonly epochs: number },
): Exclude<StopReason, 'finish'> | '' {
  const names = Object.keys(RULES) as RuleName[]
  const name = names.find((each) => ruleOf(each, stopping)?.(history))
  return name ?? (history.length >= epochs ? 'epochs' : '')
}

/**
 * The best epoch of a history by the monitor of early stopping, or by validation accuracy without it. Ties go to the lower
 * validation loss, then to the earlier epoch. 0 when every value is NaN.
 */
export function bestEpochOf(history: readonly HistoryRow[], { early }: Pick<StoppingParams, 'early'>): number {
  const monitor = early?.monitor ?? 'validation_accuracy'
  return improvements(history, { monitor, minChange: 0 }).at(-1)?.epoch ?? 0
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
  return (history) => history.length - (improvements(history, params).at(-1)?.place ?? 0) >= params.patience
}

/** 1 if higher is better, -1 if lower is. */
const DIRECTION: Readonly<Record<Monitor, 1 | -1>> = {
  validation_accuracy: 1,
  validation_loss: -1,
  validation_macro_f1: 1,
  accuracy: 1,
  loss: -1,
}

/** An epoch that was better than all before it: its number, and its place in the history from 1. */
interface Improvement {
  readonly epoch: number
  readonly place: number
  readonly score: number
  readonly loss: number
}

/** The epochs that were better than all before them. NaN is never better. */
function improvements(
  history: readonly HistoryRow[],
  { monitor, minChange }: { readonly monitor: Monitor; readonly minChange: number },
): Improvement[] {
  const found: Improvement[] = []
  for (const [i, row] of history.entries()) {
    const [score, loss] = [DIRECTION[monitor] * row[monitor], row.validation_loss]
    const best = found.at(-1) ?? { score: Number.NEGATIVE_INFINITY, loss: Number.POSITIVE_INFINITY }
    const isBetter = score - best.score > minChange || (minChange === 0 && score === best.score && loss < best.loss)
    if (isBetter) found.push({ epoch: row.epoch, place: i + 1, score, loss })
  }
  return found
}

/** The rule with its parameters; undefined when it is off. */
function ruleOf<Name extends RuleName>(name: Name, stopping: StoppingParams): StoppingRule | undefined {
  const params: StoppingParams[Name] = stopping[name]
  return params === null ? undefined : RULES[name](params as NonNullable<StoppingParams[Name]>)
}
