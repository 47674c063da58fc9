import { describe, expect, it } from 'vitest'
import { LIMIT, lossOf, run, type Trial } from '../../lessons/learning-rate.ts'
import { expectSameInJapanese } from './japanese.ts'

const { values, tell } = run()
const { lines } = tell('en')
const { three, compared, range } = values
const before = three.right.losses[0] ?? Number.NaN
const end = (trial: Trial | undefined) => lossOf(trial?.losses ?? [])

describe('the lesson on learning rates', () => {
  it('starts from the mean of the squared targets', () => {
    expect(before).toBe(69.8) // (1² + 3² + 7² + 11² + 13²) / 5
  })

  it('has SGD slow, right and diverging as the eigenvalues of the curvature predict', () => {
    expect(end(three.small) / expectedLoss(0.001)).toBeCloseTo(1, 3)
    expect(end(three.right) / expectedLoss(0.06)).toBeCloseTo(1, 2)
    expect(end(three.large) / expectedLoss(0.07)).toBeCloseTo(1, 2)
    expect(end(three.small)).toBeGreaterThan(0.1)
    expect(end(three.right)).toBeLessThan(1e-4)
    expect(end(three.large)).toBeGreaterThan(1e6 * before)
  })

  it('has SGD diverge above 2 / curvature and nowhere below', () => {
    expect(LIMIT).toBeCloseTo(0.0673, 4)
    for (const trial of range.sgd) expect(end(trial) < before).toBe(trial.rate < LIMIT)
  })

  it('has Adam slower than SGD at a rate that suits SGD, and stable at one that does not', () => {
    expect(end(compared.adam[0])).toBeGreaterThan(100 * end(compared.sgd[0]))
    expect(end(compared.adam[1])).toBeLessThan(0.1)
    expect(end(compared.sgd[1])).toBeGreaterThan(1e6)
    for (const trial of range.adam) expect(end(trial)).toBeLessThan(before)
  })

  it('says the same in Japanese', () => expectSameInJapanese({ values, tell }))

  it('prints what is drawn', () => {
    expect(lines).toContain('  SGD 0.001, too small    0.261')
    expect(lines).toContain('  Adam 0.01               18.3')
  })
})

/**
 * The loss after 100 steps of SGD on all five points: the error along each eigenvector of the curvature shrinks by the factor
 * 1 − rate · eigenvalue per step, and counts with half its eigenvalue.
 */
function expectedLoss(rate: number): number {
  // From weight 0 and bias 0, 2 and 1 are missing.
  return [38 + Math.sqrt(1314), 38 - Math.sqrt(1314)].reduce((sum, eigenvalue) => {
    const vector = [15, eigenvalue - 71] // of [[71, 15], [15, 5]]
    const missing = (2 * (vector[0] ?? 0) + (vector[1] ?? 0)) / Math.hypot(...vector)
    const curvature = 0.4 * eigenvalue
    return sum + (curvature / 2) * (missing * (1 - rate * curvature) ** 100) ** 2
  }, 0)
}
