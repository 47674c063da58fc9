import { describe, expect, it } from 'vitest'
import { compareAnswers } from '../../../src/predict/export/check.ts'

describe('compareAnswers', () => {
  const answers = (...rows: readonly (readonly number[])[]) =>
    rows.map((probabilities) => ({ probabilities, distance: null }))
  const ours = answers([0.7, 0.3], [0.50001, 0.49999])

  it('counts other answers, apart from ties within the tolerance', () => {
    const theirs = answers([0.7, 0.3], [0.49999, 0.50001])
    expect(compareAnswers(ours, theirs)).toMatchObject({ images: 2, otherAnswers: 1, contradictions: 0 })
    const found = compareAnswers(ours, answers([0.3, 0.7], [0.5, 0.5]))
    expect(found).toMatchObject({ otherAnswers: 1, contradictions: 1 })
    expect(found.greatestDifference).toBeCloseTo(0.4)
  })

  it('takes a value that is missing or no number for the greatest difference', () => {
    expect(compareAnswers(ours, answers([0.7, Number.NaN], [])).greatestDifference).toBe(1)
  })

  it('compares distances where there are some', () => {
    expect(compareAnswers(ours, ours).greatestDistanceDifference).toBeNull()
    const far = (distance: number | null) => [{ probabilities: [0.7, 0.3], distance }]
    expect(compareAnswers(far(0.25), far(0.5)).greatestDistanceDifference).toBe(0.25)
    expect(compareAnswers(far(0.25), far(null)).greatestDistanceDifference).toBe(1)
    expect(compareAnswers(far(0.25), far(Number.NaN)).greatestDistanceDifference).toBe(1)
  })
})
