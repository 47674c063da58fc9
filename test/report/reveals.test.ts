import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { paths } from '../../src/core/paths.ts'
import { readLedger } from '../../src/report/ledger.ts'
import { recordReveals, revealsRecorded } from '../../src/report/reveals.ts'
import { identityOf } from '../evaluate/scored.ts'
import { writeEvaluation, writeParams } from '../pipeline/evaluated.ts'

const GATE =
  '{ validation: 0.75, test: 1, minValidationImages: 4, minTestImages: 2, regression: { alpha: 0.05, minImages: 30 } }'
const checkout = process.cwd()
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-reveals-'))
  await writeParams(folder, GATE)
  const validation = { cat: 'c', dog: 'd', horse: 'h' }
  await writeEvaluation(folder, 'mobilenet025-zero', { validation, test: { cat: 'cd', dog: 'd', horse: 'h' } })
  await writeEvaluation(folder, 'no-more', { validation, test: { cat: 'c' } })
  process.chdir(folder)
})
afterAll(async () => {
  process.chdir(checkout)
  await rm(folder, { recursive: true })
})

describe('recordReveals', () => {
  it('enters the configurations of params.yaml that were scored, and those alone', async () => {
    const { model, testSet } = identityOf('mobilenet025-zero')
    const reveal = { configuration: 'mobilenet025-zero', model: model.digest, testSet, correct: 3, images: 4 }
    expect(await recordReveals()).toEqual([reveal])
    expect(await readLedger(paths.ledger)).toEqual([reveal])
  })

  it('changes nothing when everything is there', async () => {
    const before = await readFile(paths.ledger, 'utf8')
    expect(await revealsRecorded()).toBeUndefined()
    expect(await readFile(paths.ledger, 'utf8')).toBe(before)
  })

  it('enters no model that was shown no test image', async () => {
    await writeEvaluation('.', 'original-zero', { validation: { cat: 'c', dog: 'd', horse: 'h' } })
    expect(await recordReveals()).toEqual([])
  })

  it('makes a ledger that somebody has removed', async () => {
    await rm(paths.ledger)
    expect(await revealsRecorded()).toBe('ledger: 1 reveal of the test set, mobilenet025-zero 3/4')
  })
})
