import { describe, expect, it } from 'vitest'
import type { CalibratedImage } from '../../../src/evaluation/predictions.ts'
import { labelTrouble } from '../../../src/report/page/trouble.ts'

/** A picture of a cat: the class it was taken for, with that probability. */
function cat(id: string, prediction: 'cat' | 'dog', probability: number): CalibratedImage {
  const calibrated = prediction === 'cat' ? [probability, 1 - probability] : [1 - probability, probability]
  return { id, part: 'test', label: 'cat', prediction, probabilities: [0.5, 0.5], calibrated }
}

const chosen = [cat('a', 'dog', 0.991), cat('b', 'cat', 0.999), cat('c', 'dog', 0.99), cat('d', 'dog', 0.9999)]
const other = [cat('a', 'cat', 0.6), cat('b', 'dog', 0.999), cat('c', 'dog', 0.6), cat('d', 'dog', 0.6)]

describe('labelTrouble', () => {
  it('names what the chosen configuration gets wrong with over 0.99, the surest first', () => {
    expect(labelTrouble({ other, chosen }, 'chosen').sureButWrong).toEqual(['d', 'a']) // c has 0.99 itself
  })

  it('names what every configuration gets wrong', () => {
    expect(labelTrouble({ other, chosen }, 'chosen').wrongForAll).toEqual(['c', 'd'])
  })

  it('names nothing as wrong for all where one configuration is all there is', () => {
    expect(labelTrouble({ chosen }, 'chosen').wrongForAll).toEqual([])
  })

  it('names nothing where no configuration was chosen', () => {
    expect(labelTrouble({ chosen }, undefined)).toEqual({ sureButWrong: [], wrongForAll: [] })
  })
})
