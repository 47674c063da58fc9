import { describe, expect, it } from 'vitest'
import { classWeightsOf } from '../../src/train/class-weights.ts'

describe('classWeightsOf', () => {
  it('gives n / (k · n_c) for balanced, so that each class counts alike', () => {
    // 6 examples of 3 classes: 3, 2 and 1
    expect(classWeightsOf('balanced', Int32Array.of(0, 0, 0, 1, 1, 2), 3)).toEqual([6 / 9, 6 / 6, 6 / 3])
  })

  it('gives nothing when all examples count alike', () => {
    expect(classWeightsOf('none', [0, 0, 1], 2)).toBeNull()
  })
})
