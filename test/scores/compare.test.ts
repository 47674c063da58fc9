import { describe, expect, it } from 'vitest'
import { compareAnswers, mcnemar } from '../../src/scores/compare.ts'
import type { Answer } from '../../src/scores/predictions.ts'
import { golden } from '../evaluate/golden.ts'

describe('mcnemar', () => {
  it.each(golden.mcnemar)('has the p of SciPy for $fixed and $broken', ({ fixed, broken, p }) => {
    expect(mcnemar(fixed, broken)).toBeCloseTo(p, 9)
    expect(mcnemar(broken, fixed)).toBe(mcnemar(fixed, broken))
  })

  it('is 1 where nothing differs, and worked out by hand for six to none', () => {
    expect(mcnemar(0, 0)).toBe(1)
    expect(mcnemar(6, 0)).toBeCloseTo(2 / 2 ** 6, 15)
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
      fixed: ['a', 'z'].map((id) => ({ id, label: 'c', before: 'd', after: 'c' })),
      broken: [{ id: 'b', label: 'c', before: 'c', after: 'd' }],
      relabelled: [],
    })
  })

  it('leaves out images that only one was asked about, and those that got another label', () => {
    const first = answers({ a: 'cd', b: 'cd', c: 'cc' })
    const second = answers({ b: 'dd', c: 'cc', d: 'cc' })
    expect(compareAnswers(first, second)).toEqual({ images: 1, fixed: [], broken: [], relabelled: ['b'] })
  })
})
