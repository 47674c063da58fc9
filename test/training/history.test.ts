import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readHistory, writeHistory } from '../../src/training/history.ts'

it('writes a line an epoch that reads back, small learning rates included', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'paddock-history-'))
  const path = join(folder, 'history.csv')
  const row = {
    epoch: 1,
    loss: 1.0986122887,
    accuracy: 1 / 3,
    validation_loss: Number.NaN,
    validation_accuracy: 0.5,
    validation_macro_f1: 0.25,
    learning_rate: 1.23456789e-9,
  }
  await writeHistory(path, [row])
  expect(await readFile(path, 'utf8')).toBe(
    'epoch,loss,accuracy,validation_loss,validation_accuracy,validation_macro_f1,learning_rate\n1,1.098612,0.333333,NaN,0.5,0.25,1.23457e-9\n',
  )
  expect(await readHistory(path)).toEqual([{ ...row, loss: 1.098612, accuracy: 0.333333, learning_rate: 1.23457e-9 }])
  await rm(folder, { recursive: true })
})
