import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/files.ts'
import { hashTestSet, readTestSet, type TestImage, writeTestSet } from '../../src/core/test-set.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CAT: TestImage = { id: 'test/cat/1.png', sha256: sha256('a'), label: 'cat' }
const DOG: TestImage = { id: 'test/dog/1.png', sha256: sha256('b'), label: 'dog' }
const FROZEN = [CAT, DOG]

describe('hashTestSet', () => {
  it('is the SHA-256 of the file that is written, whatever the order', () => {
    // printf 'id,sha256,label\n' | sha256sum
    expect(hashTestSet([])).toBe('e6d689da06ec89988cb2ad6341d35a12b89d803fe62a60c5535f320e2671bffb')
    expect(hashTestSet([DOG, CAT])).toBe(hashTestSet([CAT, DOG]))
    expect(hashTestSet([CAT])).not.toBe(hashTestSet([{ ...CAT, label: 'dog' }]))
  })

  it('is the SHA-256 of the committed file', async () => {
    expect(hashTestSet(await readTestSet('test-set.csv'))).toBe(sha256(await readFile('test-set.csv')))
  })
})

describe('writeTestSet and readTestSet', () => {
  temporaryFolder({ enter: true })

  it('give back what was written, with the line ends of another system too', async () => {
    await writeTestSet([...FROZEN].reverse())
    expect(await readTestSet()).toEqual(FROZEN)
    await writeFile('test-set.csv', (await readFile('test-set.csv', 'utf8')).replaceAll('\n', '\r\n'))
    expect(await readTestSet()).toEqual(FROZEN)
  })

  it('name the command that writes a missing file, and refuse an incomplete line', async () => {
    await expect(readTestSet()).rejects.toThrow(
      'Expected the frozen test set in test-set.csv, received none. Freeze the one in data/test/ with `npm run accept-test-set`.',
    )
    await writeFile('test-set.csv', 'id,sha256,label\ntest/cat/1.png,abc,cat\n')
    await expect(readTestSet()).rejects.toThrow(
      /^Expected id,sha256,label in line 2 of test-set\.csv, received test\/cat\/1\.png,abc,cat\. A line is id,sha256,label, as in /,
    )
  })
})
