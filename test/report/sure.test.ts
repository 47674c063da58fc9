import { describe, expect, it } from 'vitest'
import { seededRng } from '../../src/core/random.ts'
import { describeWorth } from '../../src/predict/browser/description.ts'
import { sureness } from '../../src/report/demo.ts'

/** Answers of two classes: the probability of the one that was taken, and whether it was right. */
function answers(...list: readonly (readonly [probability: number, right: boolean])[]) {
  return list.map(([probability, right]) => ({
    label: right ? 'cat' : 'dog',
    prediction: 'cat',
    calibrated: [probability, 1 - probability],
  }))
}

/** So many right answers of falling probabilities, from `high` down in steps of 0.001. */
const right = (count: number, high: number) =>
  Array.from({ length: count }, (_, i) => [(1000 * high - i) / 1000, true] as const)

const sureFrom = (...given: Parameters<typeof sureness>) => sureness(...given).from

describe('sureness', () => {
  it('takes 59 right answers, of which 0.95^59 is the first below 5 %', () => {
    expect(sureFrom(answers(...right(58, 0.999)))).toBeNull()
    expect(sureFrom(answers(...right(59, 0.999)))).toBe(0.941)
    expect(sureFrom([])).toBeNull()
    // Where 118 images say as much as 59 would, it takes all of them.
    expect(sureness(answers(...right(118, 0.999)), 59)).toEqual({ from: 0.882, images: 118, needed: 118 })
    expect(sureFrom(answers(...right(118, 0.999)), 58)).toBeNull()
  })

  it('goes down to the lowest probability that passes, and not beyond the first that fails', () => {
    // SciPy, binomtest(k, n, alternative='greater').proportion_ci(0.95).low: 60 of 61 is 0.925, and so fails.
    expect(sureFrom(answers(...right(60, 0.999), [0.9, false], ...right(40, 0.89)))).toBe(0.94)
    // 400 images: the surest 100 come first, 99 of them right, which is 0.953.
    const most = answers([0.9995, false], ...right(399, 0.999))
    expect(sureFrom(most)).toBe(0.601)
    expect(sureFrom(answers([0.9995, false], ...right(59, 0.999)))).toBeNull()
  })

  it('counts images of one probability together, in whatever order they come', () => {
    const list = [...right(60, 0.999), [0.8, true] as const, [0.8, false] as const, [0.8, false] as const]
    expect(sureFrom(answers(...list))).toBe(0.94)
    expect(sureFrom(answers(...list.toReversed()))).toBe(0.94)
  })

  it('finds a probability in at most 5 of 100 cases where accuracy is a little too low, and never at chance', () => {
    // Where accuracy is the same at every probability and not 95 %, each one that is found is wrong.
    const rng = seededRng(1, 'sure')
    const found = (accuracy: number, images: number) =>
      Array.from({ length: 400 }, () =>
        sureFrom(answers(...Array.from({ length: images }, () => [0.5 + rng() / 2, rng() < accuracy] as const))),
      ).filter((from) => from !== null).length / 400
    expect(found(0.9499, 300)).toBeLessThan(0.08) // three standard errors of 400 runs above 5 %
    expect(found(0.5, 90)).toBe(0)
  })
})

describe('describeWorth', () => {
  const worth = (sure: { from: number | null; images: number }, probability = 0.9) => {
    const image = { size: 32, fit: 'cover' } as const
    const names = { title: '', config: '', classes: [], image, temperature: 1 }
    return describeWorth({ ...names, sure: { share: 0.95, needed: 59, ...sure } }, probability)
  }

  it('says why a prediction is sure or not', () => {
    expect(worth({ from: 0.8, images: 90 })).toEqual({
      sure: true,
      words:
        'Sure: from 80.0 % on, the validation images show that 95.0 % of the predictions for images like the training images are right.',
    })
    expect(worth({ from: 0.95, images: 90 }).words).toMatch(/^Unsure: below 95\.0 %, the validation images do not show/)
    expect(worth({ from: null, images: 90 }).words).toMatch(/^Unsure: the validation images do not show at any probab/)
    expect(worth({ from: null, images: 3 })).toEqual({
      sure: false,
      words:
        'Unsure: 3 validation images are too few to show that 95.0 % of the predictions for images like the training images are right; it takes 59.',
    })
  })
})
