import { describe, expect, it } from 'vitest'
import { isBetter, scoreOfHistory } from '../../../src/dvc/tuning/score.ts'

const history = (...epochs: [accuracy: string, loss: string][]) =>
  ['epoch,loss,validation_loss,validation_accuracy']
    .concat(epochs.map(([accuracy, loss], place) => `${place + 1},0.1,${loss},${accuracy}`))
    .join('\n')

describe('scoreOfHistory', () => {
  it('takes the epoch of the highest validation accuracy', () => {
    const text = history(['0.5', '1'], ['0.9', '0.8'], ['0.7', '0.2'])
    expect(scoreOfHistory(text, 'h')).toEqual({ accuracy: 0.9, loss: 0.8, bestEpoch: 2, epochs: 3 })
  })

  it('takes the lower loss of equal accuracies, and the earlier of equal epochs', () => {
    const text = history(['0.9', '0.8'], ['0.9', '0.5'], ['0.9', '0.5'])
    expect(scoreOfHistory(text, 'h')).toMatchObject({ loss: 0.5, bestEpoch: 2 })
  })

  it('takes no epoch whose accuracy is not a number while there is another', () => {
    expect(scoreOfHistory(history(['NaN', '0.1'], ['0', 'NaN'], ['NaN', '0']), 'h')).toMatchObject({ bestEpoch: 2 })
    expect(scoreOfHistory(history(['NaN', '0.1']), 'h')).toMatchObject({ accuracy: Number.NaN, bestEpoch: 0 })
  })
})

describe('isBetter', () => {
  it('never lets NaN win, nor anything beat itself', () => {
    const scores = [
      { accuracy: Number.NaN, loss: 0 },
      { accuracy: 0.5, loss: Number.NaN },
      { accuracy: 0.5, loss: 0.7 },
      { accuracy: 0.5, loss: 0.6 },
      { accuracy: 0.6, loss: 9 },
    ]
    for (const [place, score] of scores.entries()) {
      expect(scores.map((other) => isBetter(score, other))).toEqual(scores.map((_, other) => place > other))
    }
  })
})
