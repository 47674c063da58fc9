import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { paths } from '../../src/core/paths.ts'
import { readLedger } from '../../src/evaluation/ledger.ts'
import { recordReveals, revealsRecorded } from '../../src/evaluation/reveals.ts'
import { testSetHash } from '../../src/evaluation/test-set.ts'
import { writeEvaluation, writeParams } from '../pipeline/evaluated.ts'
import { identityOf } from './scored.ts'

const checkout = process.cwd()
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-reveals-'))
  await writeParams(folder, '{ validation: 0.75, test: 1, minValidationImages: 4, minTestImages: 2 }')
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

  it('enters no model that was shown no test picture', async () => {
    await writeEvaluation('.', 'original-zero', { validation: { cat: 'c', dog: 'd', horse: 'h' } })
    expect(await recordReveals()).toEqual([])
  })

  it('makes a ledger that somebody has removed', async () => {
    await rm(paths.ledger)
    expect(await revealsRecorded()).toBe('ledger: 1 reveal of the test set added: mobilenet025-zero 3/4')
  })
})

describe('testSetHash', () => {
  const row = { label: 'cat', set: 'test', source: 'x', width: 1, height: 1 } as const
  const rows = [
    { ...row, id: 'test/cat/2.png', sha256: 'b' },
    { ...row, id: 'train/cat/1.png', sha256: 'c', set: 'train' as const },
    { ...row, id: 'test/cat/1.png', sha256: 'a' },
  ]

  it('is the SHA-256 of the test pictures as CSV, sorted by id', () => {
    // printf 'id,sha256,label\ntest/cat/1.png,a,cat\ntest/cat/2.png,b,cat\n' | sha256sum
    expect(testSetHash(rows)).toBe('485b53de7e82a49bb817cebda1b33dc7dfa1751b50b8a8534d74afae00fd8b53')
  })

  it('changes with a content, a label or a name, and not with order or training pictures', () => {
    const hash = testSetHash(rows)
    expect(testSetHash([...rows].reverse().filter(({ set }) => set === 'test'))).toBe(hash)
    for (const change of [{ sha256: 'z' }, { label: 'dog' }, { id: 'test/cat/3.png' }]) {
      expect(testSetHash(rows.map((each, place) => (place === 0 ? { ...each, ...change } : each)))).not.toBe(hash)
    }
  })
})
