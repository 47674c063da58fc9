import { writeFile } from 'node:fs/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/files.ts'
import { hashTestSet, readTestSet } from '../../src/core/test-set.ts'
import { acceptTestSetCommand } from '../../src/workspace/accept-test-set.ts'
import { writeTo } from '../support/images.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CAT = { id: 'test/cat/1.png', sha256: sha256('a'), label: 'cat' }
const HORSE = { id: 'test/horse_1.png', sha256: sha256('c'), label: 'horse' }

describe('acceptTestSetCommand', () => {
  temporaryFolder({ enter: true })
  beforeEach(() => writeFile('exclude.csv', 'id,reason\n'))

  it('freezes the images of data/test/ that are not excluded, and lists what changed', async () => {
    await writeTo('data/test/cat/1.png', 'a')
    await writeTo('data/test/horse_1.png', 'c')
    await writeTo('data/test/nolabel.png', 'x')
    await writeTo('data/train/horse/1.png', 'b')
    const hash = 'ea79f0c7a3f6'
    expect(await acceptTestSetCommand([])).toBe(
      `test-set.csv: 2 images, ${hash}, changes: 2\n  test/cat/1.png: added\n  test/horse_1.png: added`,
    )
    expect(await readTestSet()).toEqual([CAT, HORSE])
    expect(hash).toBe(hashTestSet(await readTestSet()).slice(0, 12))
    expect(await acceptTestSetCommand([])).toBe(`test-set.csv: 2 images, ${hash}, as before`)
    await writeFile('exclude.csv', 'id,reason\ntest/cat/1.png,blurred\n')
    expect(await acceptTestSetCommand([])).toMatch(/1 image, [0-9a-f]{12}, changes: 1\n {2}test\/cat\/1\.png: dropped$/)
    expect(await readTestSet()).toEqual([HORSE])
  })

  it('needs images', async () => {
    await expect(acceptTestSetCommand([])).rejects.toThrow('Expected images in data/, received none.')
  })
})
