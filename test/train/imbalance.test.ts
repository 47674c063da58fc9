import { describe, expect, it } from 'vitest'
import { describeImbalance } from '../../src/train/imbalance.ts'

const STUDY = { cat: 1334, dog: 3890, horse: 2098 }
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

  it('says that nothing is done, from half as many again on', () => {
    expect(describeImbalance(NOTHING, { cat: 100, dog: 150 })).toBe(
      'classes as uneven as they are (no train.sampling, no train.classWeights), of cat 100 to dog 150 images',
    )
    expect(describeImbalance(NOTHING, { cat: 100, dog: 149 })).toBeUndefined()
    expect(describeImbalance(NOTHING, { cat: 100 })).toBeUndefined()
  })
})
