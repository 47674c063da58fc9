import { describe, expect, it } from 'vitest'
import type { HistoryRow } from '../../src/scores/history.ts'
import type { StoppingParams } from '../../src/train/params.ts'
import {
  bestEpochOf,
  converges,
  overfits,
  reachesTarget,
  type StoppingRule,
  stopReason,
  stopsImproving,
} from '../../src/train/stopping.ts'
import { historyRow } from '../support/history-row.ts'

const OFF: StoppingParams = { early: null, converged: null, overfitting: null, target: null }

const curve = (key: keyof HistoryRow, values: readonly number[]) =>
  values.map((value, i) => historyRow(i + 1, { [key]: value }))

/** Validation accuracies and losses. */
const pairs = (scores: readonly (readonly [number, number])[]) =>
  scores.map(([validation_accuracy, validation_loss], i) => historyRow(i + 1, { validation_accuracy, validation_loss }))

/** The first epoch after which a rule stops a training; undefined when none. */
function stoppedAt(rule: StoppingRule, history: readonly HistoryRow[]): number | undefined {
  return history.find((_, i) => rule(history.slice(0, i + 1)))?.epoch
}

describe('bestEpochOf', () => {
  const bestEpochs = (scores: readonly (readonly [number, number])[]) =>
    scores.map((_, i) => bestEpochOf(pairs(scores).slice(0, i + 1), OFF))

  it('takes a higher accuracy for better', () => {
    expect(
      bestEpochs([
        [0.5, 1],
        [0.6, 2],
        [0.55, 0.1],
      ]),
    ).toEqual([1, 2, 2])
  })

  it('takes the lower loss where the accuracy is the same', () => {
    expect(
      bestEpochs([
        [0.5, 1],
        [0.5, 0.9],
        [0.5, 0.9],
      ]),
    ).toEqual([1, 2, 2])
  })

  it('never takes NaN for better, and anything for better than nothing', () => {
    expect(
      bestEpochs([
        [Number.NaN, 1],
        [0, 9],
        [Number.NaN, 0],
      ]),
    ).toEqual([0, 2, 2])
    expect(
      bestEpochs([
        [0.5, Number.NaN],
        [0.5, Number.NaN],
      ]),
    ).toEqual([1, 1])
  })

  it('goes by the monitor of early stopping, losses downwards, and not by its least change', () => {
    const history = pairs([
      [0.9, 0.5],
      [0.8, 0.49],
      [0.7, 0.6],
    ])
    const early = { monitor: 'validation_loss', patience: 3, minChange: 0.1 } as const
    expect(bestEpochOf(history, { early })).toBe(2)
  })
})

describe('stopsImproving', () => {
  it('stops when the monitor has not got better for `patience` epochs', () => {
    const rule = stopsImproving({ monitor: 'validation_accuracy', patience: 3, minChange: 0 })
    // Best in epoch 2; epochs 3, 4 and 5 are no better.
    expect(stoppedAt(rule, curve('validation_accuracy', [0.5, 0.6, 0.55, 0.6, 0.59, 0.7]))).toBe(5)
    // Better in epoch 4, so that 5 and 6 are two epochs without.
    expect(stoppedAt(rule, curve('validation_accuracy', [0.5, 0.6, 0.55, 0.61, 0.6, 0.6]))).toBeUndefined()
  })

  it('takes the same accuracy with a lower loss for better', () => {
    const rule = stopsImproving({ monitor: 'validation_accuracy', patience: 2, minChange: 0 })
    // Losses fall until epoch 3.
    const history = pairs([
      [0.5, 1],
      [0.5, 0.9],
      [0.5, 0.8],
      [0.5, 0.8],
      [0.5, 0.8],
    ])
    expect(stoppedAt(rule, history)).toBe(5)
  })

  it('takes no change up to `minChange` for better, however many add up', () => {
    const rule = stopsImproving({ monitor: 'validation_loss', patience: 3, minChange: 0.125 })
    // 1 - 0.75 = 0.25 counts, 0.75 - 0.625 = 0.125 does not; 0.75 - 0.5 = 0.25 does, and then nothing.
    expect(stoppedAt(rule, curve('validation_loss', [1, 0.75, 0.625, 0.5, 0.49, 0.48, 0.47]))).toBe(7)
    // Accuracy alike: with a least change a lower loss beside it does not count.
    const accuracy = stopsImproving({ monitor: 'validation_accuracy', patience: 2, minChange: 0.1 })
    const history = pairs([
      [0.5, 1],
      [0.5, 0.9],
      [0.5, 0.8],
    ])
    expect(stoppedAt(accuracy, history)).toBe(3)
  })

  it('never takes NaN for better', () => {
    const rule = stopsImproving({ monitor: 'loss', patience: 2, minChange: 0 })
    expect(stoppedAt(rule, curve('loss', [1, Number.NaN, Number.NaN, 0.1]))).toBe(3)
    expect(stoppedAt(rule, curve('loss', [Number.NaN, Number.NaN]))).toBe(2)
  })
})

describe('converges', () => {
  const rule = converges({ monitor: 'accuracy', epochs: 3, tolerance: 0.125 })

  it('stops when the last `epochs` values lie within the tolerance, wherever they are', () => {
    // 0.5, 0.75, 0.875: 0.375 apart; 0.75, 0.875, 0.8125: 0.125.
    expect(stoppedAt(rule, curve('accuracy', [0.25, 0.5, 0.75, 0.875, 0.8125]))).toBe(5)
    expect(stoppedAt(rule, curve('accuracy', [0.5, 0.5]))).toBeUndefined()
  })

  it('does not stop while the values climb in small steps', () => {
    // Any three are 0.2 apart.
    expect(stoppedAt(rule, curve('accuracy', [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]))).toBeUndefined()
  })

  it('does not take NaN for flat', () => {
    expect(stoppedAt(rule, curve('accuracy', [Number.NaN, Number.NaN, Number.NaN, 0.5, 0.5]))).toBeUndefined()
  })
})

describe('overfits', () => {
  it('stops when the monitor fell `epochs` times in a row', () => {
    const rule = overfits({ monitor: 'validation_accuracy', epochs: 3 })
    // Falls once, stays, then 0.8 > 0.7 > 0.6 > 0.5.
    expect(stoppedAt(rule, curve('validation_accuracy', [0.9, 0.8, 0.8, 0.7, 0.6, 0.5]))).toBe(6)
    expect(stoppedAt(rule, curve('validation_accuracy', [0.9, 0.8, 0.7, 0.75, 0.7, 0.6]))).toBeUndefined()
    expect(stoppedAt(rule, curve('validation_accuracy', [0.9, 0.8, 0.7]))).toBeUndefined()
  })

  it('stops when a loss rises', () => {
    const rule = overfits({ monitor: 'validation_loss', epochs: 2 })
    expect(stoppedAt(rule, curve('validation_loss', [1, 0.9, 0.8, 0.85, 0.9]))).toBe(5)
  })

  it('does not take NaN for a fall', () => {
    const rule = overfits({ monitor: 'validation_accuracy', epochs: 2 })
    expect(stoppedAt(rule, curve('validation_accuracy', [0.9, Number.NaN, 0.8, 0.7]))).toBeUndefined()
  })
})

describe('reachesTarget', () => {
  it('stops when the monitor is as good as the value or better', () => {
    const accuracy = reachesTarget({ monitor: 'validation_accuracy', value: 0.9 })
    expect(stoppedAt(accuracy, curve('validation_accuracy', [0.5, 0.89, 0.9, 0.8]))).toBe(3)
    const loss = reachesTarget({ monitor: 'loss', value: 0.1 })
    expect(stoppedAt(loss, curve('loss', [0.5, 0.2, 0.05]))).toBe(3)
    const f1 = reachesTarget({ monitor: 'validation_macro_f1', value: 0.9 })
    expect(stoppedAt(f1, curve('validation_macro_f1', [Number.NaN, 0.8]))).toBeUndefined()
  })
})

describe('stopReason', () => {
  const early = { monitor: 'validation_accuracy', patience: 3, minChange: 0 } as const
  const overfitting = { monitor: 'validation_accuracy', epochs: 3 } as const

  it('names the rule, or that the epochs are over, or nothing', () => {
    const history = curve('validation_accuracy', [0.9, 0.8, 0.85, 0.7])
    expect(stopReason(history, { stopping: { ...OFF, early }, epochs: 9 })).toBe('early')
    expect(stopReason(history, { stopping: OFF, epochs: 4 })).toBe('epochs')
    expect(stopReason(history, { stopping: OFF, epochs: 5 })).toBe('')
  })

  it('names the more telling one of two rules, and a rule before the end of the epochs', () => {
    const history = curve('validation_accuracy', [0.9, 0.8, 0.7, 0.6])
    expect(stopReason(history, { stopping: { ...OFF, early, overfitting }, epochs: 4 })).toBe('overfitting')
  })
})
