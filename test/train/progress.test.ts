import { describe, expect, it } from 'vitest'
import { describePace, describeStep } from '../../src/train/progress.ts'
import { historyRow } from '../support/history-row.ts'

describe('describePace', () => {
  it('gives the seconds of the epoch, the speed and what is left', () => {
    const pace = { imagesPerSecond: 332.4, secondsLeft: 15.2 }
    expect(describePace({ seconds: 2.2, pace, goesOn: true })).toEqual(['2.2 s', '332 images/s', 'at most 16 s left'])
    expect(describePace({ seconds: 2.2, pace, goesOn: false })).toEqual(['2.2 s', '332 images/s'])
  })

  it('leaves out what says nothing, as of epochs on features', () => {
    const pace = { imagesPerSecond: 113567, secondsLeft: 0.3 }
    expect(describePace({ seconds: 0.01, pace, goesOn: true })).toEqual([])
    expect(describePace({ seconds: 0.3, pace: { ...pace, secondsLeft: 9.5 }, goesOn: true })).toEqual([
      'at most 10 s left',
    ])
    expect(
      describePace({ seconds: 2, pace: { imagesPerSecond: Number.NaN, secondsLeft: Number.NaN }, goesOn: true }),
    ).toEqual(['2.0 s'])
  })
})

describe('describeStep', () => {
  it('gives loss, the last validation and the speed', () => {
    const pace = { imagesPerSecond: 231, secondsLeft: 9 }
    const validated = historyRow(1, { validation_accuracy: 0.953 })
    expect(describeStep({ loss: 0.412, validated, pace })).toBe('loss 0.412, validation accuracy 0.953, 231 images/s')
  })

  it('says nothing of what is not read yet', () => {
    const pace = { imagesPerSecond: Number.NaN, secondsLeft: Number.NaN }
    expect(describeStep({ loss: Number.NaN, validated: undefined, pace })).toBe('')
    expect(describeStep({ loss: Number.NaN, validated: undefined, pace: { ...pace, imagesPerSecond: 9 } })).toBe(
      '9 images/s',
    )
  })
})
