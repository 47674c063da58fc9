import { describe, expect, it } from 'vitest'
import type { TrainParams } from '../../src/train/params.ts'
import { learningRateAt, type ScheduleState, scheduleAfter, UNREDUCED } from '../../src/train/schedule.ts'
import { keras } from '../support/keras.ts'

type Schedule = TrainParams['schedule']

/** The rate of each epoch from 1 on, when they end with these validation losses; the state goes through a file in between. */
function ratesAfter(schedule: Schedule, losses: readonly number[], learningRate = 0.01): number[] {
  let state: ScheduleState = UNREDUCED
  return losses.map((loss, i) => {
    const rate = learningRateAt(
      { learningRate, schedule, epochs: losses.length },
      { step: i + 1, stepsPerEpoch: 1 },
      state,
    )
    state = JSON.parse(JSON.stringify(scheduleAfter(schedule, state, loss)))
    return rate
  })
}

/** The rate of each step from 1 on. */
function ratesOf(schedule: Schedule, { learningRate = 1, epochs = 4, stepsPerEpoch = 2 } = {}): number[] {
  return Array.from({ length: epochs * stepsPerEpoch }, (_, i) =>
    learningRateAt({ learningRate, schedule, epochs }, { step: i + 1, stepsPerEpoch }, UNREDUCED),
  )
}

describe('learningRateAt', () => {
  it.each(keras.schedules)('is the rate of Keras at every step with $params.schedule', ({ params, rates }) => {
    ratesOf(params.schedule, params).forEach((rate, i) => {
      expect(rate).toBeCloseTo(rates[i] as number, 8)
    })
  })

  it('is always the same with a constant schedule', () => {
    expect(ratesOf({ kind: 'constant' })).toEqual(Array(8).fill(1))
  })

  it('falls after every so many epochs with steps', () => {
    expect(ratesOf({ kind: 'step', everyEpochs: 2, factor: 0.5 })).toEqual([1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5])
  })

  it('only rises when the warm-up is as long as the training or longer', () => {
    expect(ratesOf({ kind: 'cosine', warmUpEpochs: 4 })).toEqual([0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875])
    expect(ratesOf({ kind: 'cosine', warmUpEpochs: 8 }).at(-1)).toBe(0.4375)
  })
})

describe('scheduleAfter', () => {
  it('lowers the rate when Keras does', () => {
    const { learningRate, patience, factor, losses, rates } = keras.plateau
    ratesAfter({ kind: 'plateau', patience, factor }, losses, learningRate).forEach((rate, i) => {
      expect(rate).toBeCloseTo(rates[i] as number, 8)
    })
  })

  it('takes NaN for no fall of the loss', () => {
    const schedule: Schedule = { kind: 'plateau', patience: 1, factor: 0.5 }
    expect(ratesAfter(schedule, [1, Number.NaN, Number.NaN, 0.5, 0.4], 1)).toEqual([1, 1, 0.5, 0.25, 0.25])
  })

  it('leaves the other schedules alone', () => {
    expect(scheduleAfter({ kind: 'step', everyEpochs: 1, factor: 0.5 }, UNREDUCED, 9)).toBe(UNREDUCED)
  })
})
