import { describe, expect, it } from 'vitest'
import { TrainingError } from '../../src/core/errors.ts'
import { expectTrainingAllowed } from '../../src/train/refusal.ts'

describe('expectTrainingAllowed', () => {
  it('refuses with the name of the configuration where PADDOCK_NO_TRAINING is set, and only there', () => {
    expect(() => expectTrainingAllowed('net', { PADDOCK_NO_TRAINING: '1' })).toThrow(TrainingError)
    expect(() => expectTrainingAllowed('net', { PADDOCK_NO_TRAINING: '1' })).toThrow(
      'Expected the results of net in the run cache',
    )
    for (const value of [undefined, '', '0']) {
      expect(() => expectTrainingAllowed('net', { PADDOCK_NO_TRAINING: value })).not.toThrow()
    }
  })
})
