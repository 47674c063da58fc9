import { describe, expect, it } from 'vitest'
import { describeEpoch, describePace, describeStep, openPace } from '../../src/train/progress.ts'
import { historyRow } from '../support/history-row.ts'

const ROW = historyRow(4, {
  loss: 0.794,
  accuracy: 0.611,
  validation_loss: 2.488,
  validation_accuracy: 0.333,
  validation_macro_f1: 0.167,
})
const PACING = ['2.2 s', '332 images/s', 'at most 16 s left']

describe('describeEpoch', () => {
  it('gives all scores, and the pace if there is one', () => {
    const scores = 'epoch 4/10: loss 0.794, accuracy 0.611; validation loss 2.488, accuracy 0.333, F1 0.167'
    expect(describeEpoch(ROW, 10, PACING)).toBe(`${scores} (2.2 s, 332 images/s, at most 16 s left)`)
    expect(describeEpoch(ROW, 10, [])).toBe(scores)
  })
})

describe('describePace', () => {
  it('gives the seconds of the epoch, the speed and what is left', () => {
    const pace = { imagesPerSecond: 332.4, secondsLeft: 15.2 }
    expect(describePace({ seconds: 2.2, pace, isLast: false })).toEqual(['2.2 s', '332 images/s', 'at most 16 s left'])
    expect(describePace({ seconds: 2.2, pace, isLast: true })).toEqual(['2.2 s', '332 images/s'])
  })

  it('leaves out what is not worth showing, as for epochs on features', () => {
    const pace = { imagesPerSecond: 113567, secondsLeft: 0.3 }
    expect(describePace({ seconds: 0.01, pace, isLast: false })).toEqual([])
    expect(describePace({ seconds: 0.3, pace: { ...pace, secondsLeft: 9.5 }, isLast: false })).toEqual([
      'at most 10 s left',
    ])
    expect(
      describePace({ seconds: 2, pace: { imagesPerSecond: Number.NaN, secondsLeft: Number.NaN }, isLast: false }),
    ).toEqual(['2.0 s'])
  })
})

describe('describeStep', () => {
  it('gives loss, the last validation and the speed', () => {
    const pace = { imagesPerSecond: 231, secondsLeft: 9 }
    const validated = historyRow(1, { validation_accuracy: 0.953 })
    expect(describeStep({ loss: 0.412, validated, pace })).toBe('loss 0.412, validation accuracy 0.953, 231 images/s')
  })

  it('leaves out what is not read yet', () => {
    const pace = { imagesPerSecond: Number.NaN, secondsLeft: Number.NaN }
    expect(describeStep({ loss: Number.NaN, validated: undefined, pace })).toBe('')
    expect(describeStep({ loss: Number.NaN, validated: undefined, pace: { ...pace, imagesPerSecond: 9 } })).toBe(
      '9 images/s',
    )
  })
})

describe('openPace', () => {
  it('measures images a second and the time left, from the end of the first step on', () => {
    let now = 50_000 // compiling took that long
    const meter = openPace({ epochs: 3, steps: 10 }, () => now)
    expect(meter.reached({ epoch: 1, step: 1, images: 8 }).secondsLeft).toBeNaN()
    now += 2000
    // By hand: 4 steps and 32 images in 2 s; 25 of the 30 steps are left, half a second each.
    expect(meter.reached({ epoch: 1, step: 5, images: 40 })).toEqual({ imagesPerSecond: 16, secondsLeft: 12.5 })
  })

  it('counts validation in the time left and not in the speed', () => {
    let now = 0
    const meter = openPace({ epochs: 2, steps: 2 }, () => now)
    meter.reached({ epoch: 1, step: 1, images: 8 })
    now += 1000
    meter.reached({ epoch: 1, step: 2, images: 16 })
    now += 3000 // validation
    meter.endEpoch()
    now += 1000
    // 2 steps in 5 s, one is left; 8 images in the second since the epoch began.
    expect(meter.reached({ epoch: 2, step: 1, images: 8 })).toEqual({ imagesPerSecond: 8, secondsLeft: 2.5 })
  })

  it('does not count what an earlier process trained', () => {
    let now = 0
    const meter = openPace({ epochs: 2, steps: 100 }, () => now)
    meter.reached({ epoch: 2, step: 50, images: 400 })
    now += 1000
    expect(meter.reached({ epoch: 2, step: 60, images: 480 })).toEqual({ imagesPerSecond: 80, secondsLeft: 4 })
  })
})
