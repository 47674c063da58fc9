import { describe, expect, it } from 'vitest'
import { describeClasses, describeRefused, describeSizes } from '../../src/workspace/comparison.ts'

const labelled = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).flatMap(([label, count]) => Array.from({ length: count }, () => ({ label })))
const sized = (...sides: readonly number[]) => sides.map((side) => ({ width: side * 2, height: side }))

describe('describeRefused', () => {
  const model = { name: 'net', rate: 0.05 }

  it('says that images are unlike where more are refused than chance would', () => {
    // scipy.stats.binomtest(4, 20).proportion_ci().low = 0.0573, of 3 0.0321
    expect(describeRefused(4, 20, model)).toBe(
      'none of the classes to net: 4 of 20 new images (20.0 %), where 5.0 % of known ones would be: these are unlike the training images',
    )
    expect(describeRefused(3, 20, model)).toBe(
      'none of the classes to net: 3 of 20 new images (15.0 %); of known ones 5.0 % would be',
    )
  })
})

describe('describeClasses', () => {
  it('names classes whose share is another than in training, beyond chance', () => {
    const training = labelled({ cat: 50, dog: 30, horse: 20 })
    // scipy.stats.binomtest(2, 20).proportion_ci() = 0.0123-0.3170, of 14 0.4572-0.8811, of 4 0.0573-0.4366
    expect(describeClasses(labelled({ cat: 2, dog: 14, horse: 4 }), training)).toEqual([
      'other shares of classes than in training (in brackets): cat 10.0 % (50.0 %), dog 70.0 % (30.0 %)',
    ])
    expect(describeClasses(labelled({ cat: 10, dog: 6, horse: 4 }), training)).toEqual([])
    expect(describeClasses(labelled({ dog: 1 }), training)).toEqual([]) // one image says nothing
  })
})

describe('describeSizes', () => {
  it('names images that are too small for the network, and sizes that differ by a factor of two', () => {
    const training = sized(300, 400, 500)
    expect(describeSizes(sized(60, 64, 300), training, 224)).toEqual([
      'shorter side in the median 64 px, of training images 400 px: the new ones are enlarged to 224 px, and blurred',
    ])
    expect(describeSizes(sized(800), training, 224)).toEqual([
      'shorter side in the median 800 px, of training images 400 px',
    ])
    expect(describeSizes(sized(799), training, 224)).toEqual([])
  })

  it('says that it cannot tell before fetch has run', () => {
    expect(describeSizes(sized(64), [], 224)).toEqual(['sizes were not compared: fetch has not run (`npm run repro`)'])
  })
})
