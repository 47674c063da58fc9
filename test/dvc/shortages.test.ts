import { describe, expect, it } from 'vitest'
import { parseParams } from '../../src/command-line/params.ts'
import { readText } from '../../src/core/files.ts'
import { findShortages } from '../../src/dvc/shortages.ts'
import { writeTo } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Needs 50 validation images, a tenth, and 9 test images. */
const params = parseParams(readText('profiles/folder.yaml') ?? '')

describe('findShortages', () => {
  temporaryFolder({ enter: true })

  async function fill(set: string, label: string, count: number): Promise<void> {
    for (let number = 1; number <= count; number++) await writeTo(`data/${set}/${label}/${number}.png`, '')
  }

  it('says nothing of enough images, and nothing where there are none yet', async () => {
    expect(await findShortages(params)).toEqual([])
    for (const label of ['cat', 'dog']) {
      await fill('train', label, 250)
      await fill('test', label, 5)
    }
    expect(await findShortages(params)).toEqual([])
  })

  it('says each reason why the gate will fail', async () => {
    await fill('train', 'cat', 40)
    await fill('train', 'dog', 20)
    await fill('test', 'cat', 4)
    expect(await findShortages(params)).toEqual([
      'the gate will fail: it needs 50 validation images (gate.minValidationImages), split gives about 6; have about 500 images for training, or raise split.validation',
      'the gate will fail: it needs 9 test images (gate.minTestImages), there are 4; add test images',
      'the gate will fail: it needs test images of every class, there are none of dog',
    ])
  })

  it('counts neither what fetch refused nor what is excluded', async () => {
    const few = { ...params, gate: { ...params.gate, minValidationImages: 6 } }
    for (const label of ['cat', 'dog']) {
      await fill('train', label, 25) // split by 0.8 and 0.9: 20, 3 for validation, 2
      await fill('test', label, 5)
    }
    await writeTo('exclude.csv', 'id,reason\ntest/dog/1.png,a cat\n')
    expect(await findShortages(few)).toEqual([])
    const refused = [1, 2, 3, 4, 5].map((number) => `train/cat/${number}.png,damaged\n`) // 20 stay: 16, 2, 2
    await writeTo('artifacts/fetch/rejected.csv', `id,reason\n${refused.join('')}test/cat/1.png,damaged\n`)
    expect(await findShortages(few)).toEqual([
      expect.stringContaining('split gives about 5;'),
      expect.stringContaining('it needs 9 test images (gate.minTestImages), there are 8;'),
    ])
  })

  it('leaves a class that is too small to split to split', async () => {
    await fill('train', 'cat', 40)
    await fill('train', 'dog', 2)
    expect(await findShortages(params)).toEqual([])
  })
})
