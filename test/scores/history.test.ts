import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  describeEnding,
  readHistory,
  readNotes,
  STOP_REASONS,
  writeHistory,
  writeNotes,
  writeValidationScores,
} from '../../src/scores/history.ts'
import { historyRow } from '../support/history-row.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folder = temporaryFolder()
let path: string
beforeEach(() => {
  path = join(folder.path, 'history.csv')
})

describe('writeHistory', () => {
  it('writes a line an epoch that reads back, small learning rates and the rule that stopped it included', async () => {
    const rows = [
      historyRow(1, {
        phase: 'head',
        loss: 1.0986122887,
        accuracy: 1 / 3,
        validation_loss: Number.NaN,
        learning_rate: 1.23456789e-9,
      }),
      historyRow(2, { validation_macro_precision: 0.25, collapsed: 1, stopped_by: 'early' }),
    ]
    await writeHistory(path, rows)
    expect(await readFile(path, 'utf8')).toBe(
      [
        'epoch,loss,accuracy,validation_loss,validation_accuracy,validation_macro_precision,validation_macro_recall,validation_macro_f1,learning_rate,collapsed,phase,stopped_by',
        '1,1.098612,0.333333,NaN,0.5,0.5,0.5,0.5,1.23457e-9,0,head,',
        '2,1,0.5,1,0.5,0.25,0.5,0.5,0.001,1,network,early',
        '',
      ].join('\n'),
    )
    expect(await readHistory(path)).toEqual([
      { ...rows[0], loss: 1.098612, accuracy: 0.333333, learning_rate: 1.23457e-9 },
      rows[1],
    ])
  })
})

describe('writeValidationScores', () => {
  const history = [
    historyRow(1, { validation_accuracy: 2 / 3, validation_macro_f1: 0.6, validation_loss: 0.7654321 }),
    historyRow(2, { validation_accuracy: 0.5, validation_macro_f1: 0.4, validation_loss: Number.NaN }),
  ]

  it('writes the scores of the best epoch, which need not be the last, in six decimals', async () => {
    const files = { validation: path, scores: `${path}.scores` }
    await writeValidationScores(files, history, 1)
    const headline = { accuracy: 0.666667, macro_f1: 0.6 }
    const all = { ...headline, loss: 0.765432, best_epoch: 1, epochs: 2 }
    expect(await readFile(files.validation, 'utf8')).toBe(`${JSON.stringify(all, null, 2)}\n`)
    expect(await readFile(files.scores, 'utf8')).toBe(`${JSON.stringify(headline, null, 2)}\n`)
  })

  it('writes null for a loss that is NaN, since JSON has no NaN', async () => {
    await writeValidationScores({ validation: path, scores: `${path}.scores` }, history, 2)
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ accuracy: 0.5, loss: null, best_epoch: 2 })
  })
})

describe('readHistory', () => {
  it('names the reasons and phases that there are, when a file gives another', async () => {
    await writeHistory(path, [historyRow(1, { stopped_by: 'early' })])
    await writeFile(path, (await readFile(path, 'utf8')).replace('early', 'boredom'))
    await expect(readHistory(path)).rejects.toThrow(
      `Expected stopped_by in ${path} to be one of target, overfitting, converged, early, epochs, finish or empty, received boredom.`,
    )
    await writeHistory(path, [historyRow(1)])
    await writeFile(path, (await readFile(path, 'utf8')).replace('network', 'moon'))
    await expect(readHistory(path)).rejects.toThrow(`Expected phase in ${path} to be head or network, received moon.`)
  })
})

describe('describeEnding', () => {
  it('names each reason', () => {
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
})

describe('readNotes', () => {
  it('reads what writeNotes wrote', async () => {
    await writeNotes(path, ['one', 'two'])
    expect(await readNotes(path)).toEqual(['one', 'two'])
    await writeNotes(path, [])
    expect(await readNotes(path)).toEqual([])
  })
})
