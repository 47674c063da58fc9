import { describe, expect, it } from 'vitest'
import { classWeightsOf, describeImbalance, describeShortage } from '../../src/train/class-balance.ts'

describe('classWeightsOf', () => {
  it('gives n / (k · n_c) for balanced, so that each class counts the same', () => {
    // 6 examples of 3 classes: 3, 2 and 1
    expect(classWeightsOf('balanced', Int32Array.of(0, 0, 0, 1, 1, 2), 3)).toEqual([6 / 9, 6 / 6, 6 / 3])
  })

  it('gives null when all examples count the same', () => {
    expect(classWeightsOf('none', [0, 0, 1], 2)).toBeNull()
  })
})

const counts = (images: Readonly<Record<string, number>>) => new Map(Object.entries(images))
const STUDY = counts({ cat: 1334, dog: 3890, horse: 2098 })
const NOTHING = { classWeights: 'none', sampling: 'shuffled' } as const

describe('describeImbalance', () => {
  it('says what is done about uneven classes', () => {
    expect(describeImbalance({ ...NOTHING, sampling: 'balanced' }, STUDY)).toBe(
      'each class equally often in a batch (train.sampling), of cat 1,334 to dog 3,890 images',
    )
    expect(describeImbalance({ ...NOTHING, classWeights: 'balanced' }, STUDY)).toBe(
      'each class of equal weight in the loss (train.classWeights), of cat 1,334 to dog 3,890 images',
    )
  })

  it('says that nothing is done from a ratio of 1.5 on', () => {
    expect(describeImbalance(NOTHING, counts({ cat: 100, dog: 150 }))).toBe(
      'classes are uneven and nothing corrects for it (no train.sampling, no train.classWeights), of cat 100 to dog 150 images',
    )
    expect(describeImbalance(NOTHING, counts({ cat: 100, dog: 149 }))).toBeUndefined()
    expect(describeImbalance(NOTHING, counts({ cat: 100 }))).toBeUndefined()
  })
})

describe('describeShortage', () => {
  it('names the classes below 5,000 images from zero and below 1,000 for fine-tuning, the smallest first', () => {
    const images = counts({ cat: 4999, dog: 240, horse: 5000 })
    expect(describeShortage('zero', images)).toBe(
      'fewer than the 5,000 images a class that training from zero needs: dog 240, cat 4,999',
    )
    expect(describeShortage('fine-tune', images)).toBe(
      'fewer than the 1,000 images a class that fine-tuning needs: dog 240',
    )
    expect(describeShortage('fine-tune', counts({ cat: 1000 }))).toBeUndefined()
  })

  it('says nothing about transfer, which works with any number', () => {
    expect(describeShortage('transfer', counts({ cat: 1 }))).toBeUndefined()
  })

  it('names five classes and counts the others', () => {
    const images = new Map([...'abcdefg'].map((name) => [name, 1]))
    expect(describeShortage('zero', images)).toContain(': a 1, b 1, c 1, d 1, e 1, and 2 more')
  })
})
