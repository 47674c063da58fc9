import { describe, expect, it } from 'vitest'
import { sureFrom } from '../../src/report/demo.ts'

/** Answers of two classes: the probability of the one that was taken, and whether it was right. */
function answers(...list: readonly [probability: number, right: boolean][]) {
  return list.map(([probability, right]) => ({
    label: right ? 'cat' : 'dog',
    prediction: 'cat',
    calibrated: [probability, 1 - probability],
  }))
}

describe('sureFrom', () => {
  it('is where the rate of right answers, made to rise, first reaches the share', () => {
    // By hand: wrong 0.6 | right 0.7, wrong 0.8 -> rate 1/2 | right 0.9, 0.95: rate 1. 0 <= 1/2 <= 1, so nothing else is pooled.
    const list = answers([0.6, false], [0.7, true], [0.8, false], [0.9, true], [0.95, true])
    expect(sureFrom(list, 0.95)).toBe(0.9)
    expect(sureFrom(list, 0.5)).toBe(0.7)
    expect(sureFrom(list, 0)).toBe(0.6)
  })

  it('counts a wrong answer of a high probability among the right ones below it', () => {
    // By hand: 0.8 has 0/1, the 19 above it 19/19.
    const above = Array.from({ length: 19 }, (_, i): [number, boolean] => [0.9 + i / 1000, true])
    expect(sureFrom(answers([0.8, false], ...above), 0.95)).toBe(0.9)
    // A wrong one at the top is pooled with all that is right below it: 19/20 = 0.95 from 0.9 on.
    expect(sureFrom(answers([0.8, false], ...above, [0.99, false]), 0.95)).toBe(0.9)
    // With two of them it is all one block of 20/22 = 0.909.
    expect(sureFrom(answers([0.8, true], ...above, [0.98, false], [0.99, false]), 0.95)).toBeNull()
  })

  it('counts images of one probability together, in whatever order they come', () => {
    // At 0.9: 1 of 2 right.
    for (const list of [answers([0.9, true], [0.9, false]), answers([0.9, false], [0.9, true])]) {
      expect(sureFrom(list, 0.5)).toBe(0.9)
      expect(sureFrom(list, 0.6)).toBeNull()
    }
  })

  it('is the least probability that was seen when every answer is right', () => {
    expect(sureFrom(answers([0.9, true], [0.55, true]))).toBe(0.55)
  })

  it('is null without images, and when every answer is wrong', () => {
    expect(sureFrom([])).toBeNull()
    expect(sureFrom(answers([0.9, false], [0.99, false]))).toBeNull()
  })

  it('asks for 95 % by itself', () => {
    const right = Array.from({ length: 18 }, (): [number, boolean] => [0.9, true])
    expect(sureFrom(answers(...right, [0.9, true], [0.9, false]))).toBe(0.9) // 19/20
    expect(sureFrom(answers(...right, [0.9, false]))).toBeNull() // 18/19
  })
})
