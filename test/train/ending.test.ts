import { describe, expect, it } from 'vitest'
import { STOP_REASONS } from '../../src/scores/history.ts'
import { describeCollapsedEpochs, describeEnding } from '../../src/train/ending.ts'
import { historyRow } from '../support/history-row.ts'

it('says how a training ended, whatever the reason', () => {
  const endings = STOP_REASONS.map((stopped_by) => describeEnding([historyRow(1), historyRow(2, { stopped_by })]))
  expect(endings).toEqual([
    'stopped after epoch 2 by stopping.target',
    'stopped after epoch 2 by stopping.overfitting',
    'stopped after epoch 2 by stopping.converged',
    'stopped after epoch 2 by stopping.early',
    'all 2 epochs used',
    'ended by hand after epoch 2',
  ])
})

describe('describeCollapsedEpochs', () => {
  const history = (flags: readonly number[]) => flags.map((collapsed, i) => historyRow(i + 1, { collapsed }))

  it('says from which epoch, and whether it went on to the end', () => {
    expect(describeCollapsedEpochs(history([0, 0, 1, 1]))).toMatch(
      /^collapsed to the class prior: from epoch 3, to its end,/,
    )
    expect(describeCollapsedEpochs(history([0, 0, 0, 1, 1, 0]))).toContain('from epoch 4, in 2 of 6 epochs, no better')
    expect(describeCollapsedEpochs(history([0, 0, 0]))).toBeUndefined()
  })
})
