import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import type { ManifestRow, ManifestSet } from '../../src/dataset/manifest.ts'
import { checkScan } from '../../src/fetch/scan.ts'

function row(id: string, label: string, sha256 = id, set: ManifestSet = 'train'): ManifestRow {
  return { id, label, set, source: 'unknown', sha256, width: 8, height: 8 }
}

const many = (count: number) => Array.from({ length: count }, (_, number) => row(`train/cat/${number}.png`, 'cat'))
const bad = (count: number) =>
  Array.from({ length: count }, (_, number) => ({ id: `train/cat/bad-${number}.png`, reason: 'an empty file' }))

describe('checkScan', () => {
  it('accepts a share of rejected files up to the limit', () => {
    // 2 of 100 is 0.02
    expect(() => checkScan({ accepted: many(98), rejected: bad(2) }, 0.02)).not.toThrow()
    expect(() => checkScan({ accepted: many(97), rejected: bad(3) }, 0.02)).toThrow(
      'Expected at most 2.0 % of the files to be rejected (fetch.maxRejected), received 3 of 100 (3.0 %). Replace or remove them.\n  train/cat/bad-0.png: an empty file\n',
    )
  })

  it('refuses any rejected test image', () => {
    const rejected = [{ id: 'test/cat_1.png', reason: 'an empty file' }]
    expect(() => checkScan({ accepted: many(999), rejected }, 0.5)).toThrow(
      'Expected every test image to be readable, received 1 that are not. Replace or remove them.\n  test/cat_1.png: an empty file',
    )
  })

  it('refuses images without one for training', () => {
    const test = [row('test/cat_1.png', 'cat', 'a', 'test')]
    expect(() => checkScan({ accepted: test, rejected: [] }, 0.02)).toThrow(DataError)
    expect(() => checkScan({ accepted: [], rejected: [] }, 0.02)).toThrow(
      'Expected images at data/train/<label>/<file>',
    )
  })
})
