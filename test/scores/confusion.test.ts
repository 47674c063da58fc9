import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { confusionMatrix, readConfusion, writeConfusion } from '../../src/scores/confusion.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const classes = ['cat', 'dog']
const images = [
  { id: 'a', label: 'cat', prediction: 'cat' },
  { id: 'b', label: 'cat', prediction: 'dog' },
  { id: 'c', label: 'dog', prediction: 'dog' },
]

const folder = temporaryFolder({ per: 'file' })

describe('confusionMatrix', () => {
  it('has the actual classes as rows', () => {
    expect(confusionMatrix(images, classes).counts).toEqual([
      [1, 1],
      [0, 1],
    ])
  })

  it('has as many rows as classes without images', () => {
    expect(confusionMatrix([], ['a', 'b', 'c']).counts).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ])
  })

  it('refuses a label that is no class, and names the image', () => {
    const stranger = { id: 'test/zebra/1.png', label: 'zebra', prediction: 'cat' }
    expect(() => confusionMatrix([stranger], classes)).toThrow(DataError)
    expect(() => confusionMatrix([stranger], classes)).toThrow('cat, dog for test/zebra/1.png, received label zebra')
  })
})

describe('writeConfusion', () => {
  it('writes the cells of every part that are not 0, and the diagonal', async () => {
    const path = join(folder.path, 'confusion.csv')
    const empty = confusionMatrix([], classes)
    const confusion = { validation: confusionMatrix(images, classes), holdout: empty, test: empty }
    await writeConfusion(path, confusion)
    const lines = (await readFile(path, 'utf8')).split('\n')
    expect(lines.slice(0, 5)).toEqual([
      'part,actual,predicted,count',
      'validation,cat,cat,1',
      'validation,cat,dog,1',
      'validation,dog,dog,1',
      'holdout,cat,cat,0',
    ])
    expect(lines).toHaveLength(1 + 3 + 2 + 2 + 1)
    expect(await readConfusion(path)).toEqual(confusion)
  })
})

describe('readConfusion', () => {
  it('refuses a file that lacks a cell of the diagonal, or a count', async () => {
    const path = join(folder.path, 'short.csv')
    await writeFile(path, 'part,actual,predicted,count\ntest,cat,cat,1\ntest,cat,dog,1\n')
    await expect(readConfusion(path)).rejects.toThrow('received no cell of dog on it. Run evaluate again.')
    await writeFile(path, 'part,actual,predicted,count\ntest,cat,cat,\n')
    await expect(readConfusion(path)).rejects.toThrow('received none. Run evaluate again.')
  })

  it('refuses a part that is none', async () => {
    const path = join(folder.path, 'foreign.csv')
    await writeFile(path, 'part,actual,predicted,count\ntrain,cat,cat,1\n')
    await expect(readConfusion(path)).rejects.toThrow('one of validation, holdout, test')
  })
})
