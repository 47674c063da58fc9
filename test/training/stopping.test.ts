import { describe, expect, it } from 'vitest'
import { judgeEpoch, type StoppingState, UNJUDGED } from '../../src/training/stopping.ts'

/** The states after each epoch of a curve of [accuracy, loss]. */
function states(curve: readonly (readonly [number, number])[]): StoppingState[] {
  let state = UNJUDGED
  return curve.map(([accuracy, loss], i) => {
    state = judgeEpoch(state, i + 1, { accuracy, loss })
    return state
  })
}

const bestEpochs = (curve: readonly (readonly [number, number])[]) => states(curve).map((state) => state.best.epoch)

describe('judgeEpoch', () => {
  it('takes a higher accuracy for better', () => {
    expect(
      bestEpochs([
        [0.5, 1],
        [0.6, 2],
        [0.55, 0.1],
      ]),
    ).toEqual([1, 2, 2])
  })

  it('takes the lower loss where the accuracy is the same', () => {
    expect(
      bestEpochs([
        [0.5, 1],
        [0.5, 0.9],
        [0.5, 0.9],
      ]),
    ).toEqual([1, 2, 2])
  })

  it('counts the epochs since the best one', () => {
    expect(
      states([
        [0.5, 1],
        [0.4, 1],
        [0.4, 1],
        [0.6, 1],
      ]).map((state) => state.waited),
    ).toEqual([0, 1, 2, 0])
  })

  it('never takes NaN for better, and anything for better than nothing', () => {
    expect(
      bestEpochs([
        [Number.NaN, 1],
        [0, 9],
        [Number.NaN, 0],
      ]),
    ).toEqual([0, 2, 2])
    expect(
      bestEpochs([
        [0.5, Number.NaN],
        [0.5, Number.NaN],
      ]),
    ).toEqual([1, 1])
  })
})
