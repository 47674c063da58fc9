import { describe, expect, it } from 'vitest'
import { entropyOf, judgeOverfit } from '../../src/check-data/overfit.ts'

/** Two of each of two classes; the entropy is log 2 = 0.693. */
const LABELS = [0, 1, 0, 1]
const ALIKE = LABELS.map(() => [0.5, 0.5])
const APART = [
  [0.8, 0.2],
  [0.4, 0.6],
  [0.3, 0.7],
  [0.6, 0.4],
]

describe('judgeOverfit', () => {
  it.each([
    [
      'a batch that is learned',
      [0.7, 0.04, 0.03, 0.02],
      1,
      ALIKE,
      /^learns: loss 0\.020 and every image correct after 4/,
    ],
    ['a loss that was small for one step', [0.7, 0.7, 0.7, 0.7, 0.02], 1, APART, /more --steps/],
    ['a small loss with a wrong prediction', [0.7, 0.04, 0.04, 0.04, 0.04], 0.75, APART, /more --steps/],
    ['a loss that falls', [0.7, 0.6, 0.5, 0.5, 0.5, 0.4], 0.75, APART, /^The loss falls, but not far enough/],
    ['a loss that stays', [0.7, 0.69, 0.7, 0.7, 0.69], 0.5, APART, /class shares, 0\.693: check that each/],
    ['one prediction for all', [0.9, 0.69, 0.69, 0.69, 0.69], 0.5, ALIKE, /the prediction is the same for every image/],
    ['a loss that grows', [0.7, 5, 9, 20, 80], 0.5, APART, /^The loss diverges: lower learningRate/],
    ['a loss that is NaN', [0.7, Number.NaN], 0.5, APART, /^The loss diverges: lower learningRate/],
  ] as const)('knows %s', (_, losses, accuracy, probabilities, text) => {
    const verdict = judgeOverfit({ scores: scoresOf(losses, accuracy), probabilities }, LABELS, [])
    expect(verdict.text).toMatch(text)
    expect(verdict.learns).toBe(verdict.text.startsWith('learns:'))
  })

  it('gives the faults of the batch as the reason if it did not learn', () => {
    const overfitted = { scores: scoresOf([0.7, 0.7], 0.5), probabilities: ALIKE }
    expect(judgeOverfit(overfitted, LABELS, ['All is black.', 'All is equal.']).text).toBe(
      'All is black. All is equal.',
    )
  })
})

describe('entropyOf', () => {
  it('is worked out by hand', () => {
    expect(entropyOf(LABELS)).toBeCloseTo(Math.LN2, 12)
    expect(entropyOf([0, 0, 0, 1])).toBeCloseTo(0.5623, 4) // 0.75 * 0.28768 + 0.25 * 1.38629
    expect(entropyOf([2, 2])).toBe(0)
  })
})

function scoresOf(losses: readonly number[], accuracy: number) {
  return losses.map((loss, index) => ({ step: index + 1, loss, accuracy }))
}
