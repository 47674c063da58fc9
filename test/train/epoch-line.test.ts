import { describe, expect, it } from 'vitest'
import { describeEpoch, fitEpoch } from '../../src/train/epoch-line.ts'
import { historyRow } from '../support/history-row.ts'

const ROW = historyRow(4, {
  loss: 0.794,
  accuracy: 0.611,
  validation_loss: 2.488,
  validation_accuracy: 0.333,
  validation_macro_f1: 0.167,
})
const PACING = ['2.2 s', '332 images/s', 'at most 16 s left']

describe('describeEpoch', () => {
  it('gives all scores, and the pace where there is something to say', () => {
    const scores = 'epoch 4/10: loss 0.794, accuracy 0.611; validation loss 2.488, accuracy 0.333, F1 0.167'
    expect(describeEpoch(ROW, 10, PACING)).toBe(`${scores} (2.2 s, 332 images/s, at most 16 s left)`)
    expect(describeEpoch(ROW, 10, [])).toBe(scores)
  })
})

describe('fitEpoch', () => {
  it.each([
    [
      140,
      'epoch 4/10: loss 0.794, accuracy 0.611; validation loss 2.488, accuracy 0.333, F1 0.167 (2.2 s, 332 images/s, at most 16 s left)',
    ],
    [100, 'epoch 4/10: loss 0.794, accuracy 0.611; validation loss 2.488, accuracy 0.333, F1 0.167 (2.2 s)'],
    [90, 'epoch 4/10: loss 0.794, accuracy 0.611; validation loss 2.488, accuracy 0.333, F1 0.167'],
    [80, 'epoch 4/10: loss 0.794, accuracy 0.611; validation loss 2.488, accuracy 0.333'],
    [60, 'epoch 4/10: loss 0.794, accuracy 0.611; validation 0.333'],
    [50, 'epoch 4/10: accuracy 0.611; validation 0.333'],
    [20, 'epoch 4/10: 0.333'],
  ])('in a terminal of %d columns gives what there is room for', (columns, line) => {
    expect(fitEpoch(ROW, 10, PACING, columns)).toBe(line)
  })
})
