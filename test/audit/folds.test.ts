import { describe, expect, it } from 'vitest'
import { byRow, foldsOf, splitFolds, TEST_FOLD } from '../../src/audit/folds.ts'

const images = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).flatMap(([label, count]) =>
    Array.from({ length: count }, (_, i) => ({ id: `train/${label}/${i}.png`, label })),
  )

describe('foldsOf', () => {
  it('spreads each class evenly over five folds, in the same way for the same seed', () => {
    const all = images({ cat: 23, dog: 10 })
    const folds = foldsOf(all, { groups: [], seed: 1 })
    for (const label of ['cat', 'dog']) {
      const sizes = [0, 1, 2, 3, 4].map(
        (fold) => all.filter((each, i) => each.label === label && folds[i] === fold).length,
      )
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      expect(sizes.reduce((sum, size) => sum + size)).toBe(label === 'cat' ? 23 : 10)
    }
    expect(foldsOf(all, { groups: [], seed: 1 })).toEqual(folds)
    expect(foldsOf(all, { groups: [], seed: 2 })).not.toEqual(folds)
  })

  it('makes no more folds than the smallest class has different images', () => {
    expect(Math.max(...foldsOf(images({ cat: 20, dog: 3 }), { groups: [], seed: 1 }))).toBe(2)
    const copies = [['train/dog/0.png', 'train/dog/1.png']]
    expect(Math.max(...foldsOf(images({ cat: 20, dog: 3 }), { groups: copies, seed: 1 }))).toBe(1)
  })

  it('keeps the images of a group in one fold, also where their labels differ', () => {
    const all = images({ cat: 20, dog: 20 })
    const group = ['train/cat/3.png', 'train/cat/9.png', 'train/dog/4.png']
    for (const seed of [1, 2, 3, 4]) {
      const folds = foldsOf(all, { groups: [group], seed })
      expect(new Set(all.flatMap(({ id }, i) => (group.includes(id) ? [folds[i]] : []))).size).toBe(1)
    }
  })
})

describe('splitFolds', () => {
  it('trains each fold on the others, and lets every fold judge the test images', () => {
    expect(splitFolds([0, TEST_FOLD, 1, 0])).toEqual([
      { training: [2], own: [0, 3], judged: [0, 3, 1] },
      { training: [0, 3], own: [2], judged: [2, 1] },
    ])
  })
})

describe('byRow', () => {
  it('collects what the folds say of each row', () => {
    const folds = splitFolds([0, TEST_FOLD, 1, 0])
    expect(
      byRow(folds, [
        ['a', 'b', 'c'],
        ['d', 'e'],
      ]),
    ).toEqual([['a'], ['c', 'e'], ['d'], ['b']])
  })
})
