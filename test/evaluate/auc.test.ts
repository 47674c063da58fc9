import { describe, expect, it } from 'vitest'
import { aucPerClass, macroAuc, rocAuc } from '../../src/evaluate/auc.ts'
import { golden, goldenPredictions } from './golden.ts'

function images(positive: readonly number[], negative: readonly number[]) {
  return [
    ...positive.map((probability) => ({ probability, positive: true })),
    ...negative.map((probability) => ({ probability, positive: false })),
  ]
}

describe('rocAuc', () => {
  it('counts the pairs that are in order, by hand', () => {
    // 0.9 > 0.5, 0.9 > 0.3, 0.4 < 0.5, 0.4 > 0.3: three of four pairs
    expect(rocAuc(images([0.9, 0.4], [0.5, 0.3]))).toBe(0.75)
  })

  it('counts a tie one half', () => {
    // 0.5 = 0.5, 0.5 > 0.2, 0.2 < 0.5, 0.2 = 0.2: 0.5 + 1 + 0 + 0.5 of four
    expect(rocAuc(images([0.5, 0.2], [0.5, 0.2]))).toBe(0.5)
    expect(rocAuc(images([0.5, 0.5, 0.5], [0.5]))).toBe(0.5)
  })

  it('does not exist where all images are of one kind', () => {
    expect(rocAuc(images([0.5], []))).toBeNaN()
    expect(rocAuc(images([], [0.5]))).toBeNaN()
    expect(rocAuc([])).toBeNaN()
  })
})

describe('aucPerClass', () => {
  it.each(golden.scores)('has the areas of scikit-learn, of $name', (expected) => {
    const areas = aucPerClass(goldenPredictions(expected), golden.classes)
    expect([...areas.keys()]).toEqual(golden.classes)
    for (const [name, area] of Object.entries(expected.auc)) {
      if (area === null) expect(areas.get(name)).toBeNaN()
      else expect(areas.get(name)).toBeCloseTo(area, 12)
    }
  })
})

describe('macroAuc', () => {
  it('is the mean of the classes that have an area', () => {
    expect(macroAuc(new Map(Object.entries({ cat: 1, dog: 0.5, zebra: Number.NaN })))).toBe(0.75)
    expect(macroAuc(new Map([['zebra', Number.NaN]]))).toBeNaN()
  })
})
