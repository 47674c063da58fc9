import { describe, expect, it } from 'vitest'
import { compareAnswers, holm, mcnemar, mcnemarPower } from '../../src/scores/compare.ts'
import type { Answer } from '../../src/scores/predictions.ts'
import { statistics } from '../evaluate/golden.ts'

describe('mcnemar', () => {
  it.each(statistics.mid_p)('has the mid-p of SciPy for $fixed and $broken', ({ fixed, broken, p }) => {
    expect(mcnemar(fixed, broken)).toBeCloseTo(p, 9)
    expect(mcnemar(broken, fixed)).toBe(mcnemar(fixed, broken))
  })

  it('is worked out by hand for five to none', () => {
    expect(mcnemar(5, 0)).toBeCloseTo(2 / 2 ** 5 - 1 / 2 ** 5, 15)
  })

  it('finds a difference between equally good models in at most 5 of 100 cases, by as little as it may', () => {
    // All outcomes of 20 images on which the models differ: p is below 0.05 from 15 on. 2 * 21700 / 2^20 = 0.0414.
    const found = Array.from({ length: 21 }, (_, fixed) => (mcnemar(fixed, 20 - fixed) < 0.05 ? fixed : -1))
    expect(found.filter((fixed) => fixed >= 0)).toEqual([0, 1, 2, 3, 4, 5, 15, 16, 17, 18, 19, 20])
  })
})

describe('mcnemarPower', () => {
  it.each(statistics.powers)('is the sum over all outcomes, at $images images and a fall of $fall', (expected) => {
    expect(mcnemarPower(expected)).toBeCloseTo(expected.power, 9)
  })

  it('is quick for many images', () => {
    const start = performance.now()
    expect(mcnemarPower({ images: 50_000, fall: 0.005, fixed: 0.02, alpha: 0.05 })).toBeGreaterThan(0.99)
    expect(performance.now() - start).toBeLessThan(2000)
  })
})

describe('holm', () => {
  it('is worked out by hand', () => {
    // Ascending 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1: 0.02, 0.03, 0.06, 0.04, of which the last may not be below the third.
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02].map((p) => expect.closeTo(p, 12)))
    expect(holm([0.6, 0.7])).toEqual([1, 1])
    expect(holm([0.2])).toEqual([0.2])
    expect(holm([])).toEqual([])
  })
})

/** `{ a: 'cd' }`: the image a is a cat and was taken for a dog. */
function answers(given: Readonly<Record<string, string>>): Answer[] {
  return Object.entries(given).map(([id, letters]) => ({
    id,
    part: 'holdout',
    label: letters.charAt(0),
    prediction: letters.charAt(1),
  }))
}

describe('compareAnswers', () => {
  it('names the images that are fixed and broken', () => {
    const first = answers({ z: 'cd', a: 'cd', b: 'cc', d: 'dd', e: 'dc' })
    const second = answers({ a: 'cc', b: 'cd', d: 'dd', e: 'dh', z: 'cc' })
    expect(compareAnswers(first, second)).toEqual({
      images: 5,
      counts: { images: 5, fixed: 2, broken: 1 },
      fixed: ['a', 'z'].map((id) => ({ id, label: 'c', before: 'd', after: 'c' })),
      broken: [{ id: 'b', label: 'c', before: 'c', after: 'd' }],
      relabelled: [],
    })
  })

  it('leaves out images that only one was asked about, and those that got another label', () => {
    const first = answers({ a: 'cd', b: 'cd', c: 'cc' })
    const second = answers({ b: 'dd', c: 'cc', d: 'cc' })
    expect(compareAnswers(first, second)).toEqual({
      images: 1,
      counts: { images: 1, fixed: 0, broken: 0 },
      fixed: [],
      broken: [],
      relabelled: ['b'],
    })
  })

  it('counts near duplicates as one image, fixed or broken as most of them are', () => {
    const first = answers({ a: 'cd', b: 'cd', c: 'cc', d: 'cc', e: 'cd', f: 'cc', g: 'cd' })
    const second = answers({ a: 'cc', b: 'cc', c: 'cd', d: 'cd', e: 'cc', f: 'cc', g: 'cc' })
    const group: Record<string, string> = { a: '1', b: '1', c: '1', d: '2', e: '2', f: '3' }
    const grouped = second.map((answer) => ({ ...answer, group: group[answer.id] }))
    // group 1: two fixed, one broken; group 2: one of each; group 3: none; g: fixed
    const found = compareAnswers(first, grouped)
    expect(found.counts).toEqual({ images: 4, fixed: 2, broken: 0 })
    expect([found.images, found.fixed.length, found.broken.length]).toEqual([7, 4, 2])
  })
})
