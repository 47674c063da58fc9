import { describe, expect, it } from 'vitest'
import { compareAnswers } from '../../../src/predict/export/check.ts'

describe('compareAnswers', () => {
  const ours = [
    [0.7, 0.3],
    [0.50001, 0.49999],
  ]

  it('counts other answers, apart from ties within the tolerance', () => {
    const theirs = [
      [0.7, 0.3],
      [0.49999, 0.50001],
    ]
    expect(compareAnswers(ours, theirs)).toMatchObject({ images: 2, otherAnswers: 1, contradictions: 0 })
    const opposite = [
      [0.3, 0.7],
      [0.5, 0.5],
    ]
    const found = compareAnswers(ours, opposite)
    expect(found).toMatchObject({ otherAnswers: 1, contradictions: 1 })
    expect(found.greatestDifference).toBeCloseTo(0.4)
  })

  it('takes a value that is missing or no number for the greatest difference', () => {
    expect(compareAnswers(ours, [[0.7, Number.NaN], []]).greatestDifference).toBe(1)
  })
})
