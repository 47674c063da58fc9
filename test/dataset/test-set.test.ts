import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { sha256 } from '../../src/core/files.ts'
import { hashTestSet, readTestSet, type TestImage, writeTestSet } from '../../src/core/test-set.ts'
import { checkTestSet, compareTestSets, testSetOf } from '../../src/dataset/test-set.ts'
import { acceptTestSetCommand } from '../../src/workspace/accept-test-set.ts'

const CAT = image('test/cat/1.png', 'a', 'cat')
const DOG = image('test/dog/1.png', 'b', 'dog')
const HORSE = image('test/horse_1.png', 'c', 'horse')
const FROZEN = [CAT, DOG, HORSE]

describe('testSetOf', () => {
  it('is all of test/ but what is excluded, by id', () => {
    const train = { ...CAT, id: 'train/cat/1.png', set: 'train' } as const
    const images = [train, ...[HORSE, DOG, CAT].map((each) => ({ ...each, set: 'test' as const, width: 8 }))]
    expect(testSetOf(images, [{ id: DOG.id }])).toEqual([CAT, HORSE])
  })
})

describe('hashTestSet', () => {
  it('is the SHA-256 of the file that is written, whatever the order', () => {
    // printf 'id,sha256,label\n' | sha256sum
    expect(hashTestSet([])).toBe('e6d689da06ec89988cb2ad6341d35a12b89d803fe62a60c5535f320e2671bffb')
    expect(hashTestSet([DOG, CAT])).toBe(hashTestSet([CAT, DOG]))
    expect(hashTestSet([CAT])).not.toBe(hashTestSet([{ ...CAT, label: 'dog' }]))
  })

  it('is that of the committed file', async () => {
    expect(hashTestSet(await readTestSet('test-set.csv'))).toBe(sha256(await readFile('test-set.csv')))
  })
})

describe('compareTestSets', () => {
  const OTHER = sha256('d')
  it.each([
    ['nothing', FROZEN, []],
    ['an image more', [...FROZEN, image('test/cat/2.png', 'd', 'cat')], ['test/cat/2.png: added']],
    ['an image less', [CAT, HORSE], ['test/dog/1.png: dropped']],
    ['a swapped image', [CAT, { ...DOG, sha256: OTHER }, HORSE], ['test/dog/1.png: changed: another image']],
    ['a label edited in the file', [CAT, { ...DOG, label: 'cat' }, HORSE], ['test/dog/1.png: relabelled dog -> cat']],
    [
      'an image in the folder of another label',
      [CAT, { ...DOG, id: 'test/cat/7.png', label: 'cat' }, HORSE],
      ['test/cat/7.png: relabelled dog -> cat (was test/dog/1.png)'],
    ],
    ['another name', [CAT, { ...DOG, id: 'test/dog/7.png' }, HORSE], ['test/dog/7.png: was test/dog/1.png']],
    [
      'two that changed places',
      [{ ...CAT, sha256: DOG.sha256 }, { ...DOG, sha256: CAT.sha256 }, HORSE],
      ['test/cat/1.png: changed: another image', 'test/dog/1.png: changed: another image'],
    ],
  ])('says of %s', (_what, after, expected) => {
    expect(compareTestSets(FROZEN, after).map(({ id, reason }) => `${id}: ${reason}`)).toEqual(expected)
  })

  it('takes each of two copies for one move', () => {
    const copies = [CAT, { ...CAT, id: 'test/cat/2.png' }]
    const moved = copies.map((each) => ({ ...each, id: each.id.replace('cat/', 'cat/x') }))
    expect(compareTestSets(copies, moved).map(({ reason }) => reason)).toEqual([
      'was test/cat/1.png',
      'was test/cat/2.png',
    ])
  })
})

describe('checkTestSet', () => {
  it('lets the frozen set pass, and an empty one', () => {
    expect(() => checkTestSet(FROZEN, [...FROZEN].reverse())).not.toThrow()
    expect(() => checkTestSet([], [])).not.toThrow()
  })

  it('fails with the list and the way out', () => {
    expect(() => checkTestSet(FROZEN, [CAT, { ...DOG, sha256: sha256('d') }])).toThrow(
      new DataError(
        'Expected the test set of test-set.csv, received one with 2 changes. Restore the images, or take the new set: `npm run accept-test-set`.\n  test/dog/1.png: changed: another image\n  test/horse_1.png: dropped',
      ),
    )
  })
})

describe('the file and the command', () => {
  const before = process.cwd()
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'paddock-test-set-'))
    process.chdir(folder)
    await writeFile('exclude.csv', 'id,reason\n')
  })
  afterEach(() => rm(folder, { recursive: true }))
  afterAll(() => process.chdir(before))

  it('comes back as it was written, with the line ends of another system too', async () => {
    await writeTestSet([HORSE, CAT, DOG])
    expect(await readTestSet()).toEqual(FROZEN)
    await writeFile('test-set.csv', (await readFile('test-set.csv', 'utf8')).replaceAll('\n', '\r\n'))
    expect(hashTestSet(await readTestSet())).toBe(hashTestSet(FROZEN))
  })

  it('is missed with the command that writes it, and refused where a line is incomplete', async () => {
    await expect(readTestSet()).rejects.toThrow(
      'Expected the frozen test set in test-set.csv, received none. Freeze that of data/test/: `npm run accept-test-set`.',
    )
    await writeFile('test-set.csv', 'id,sha256,label\ntest/cat/1.png,abc,cat\n')
    await expect(readTestSet()).rejects.toThrow(
      /^Expected id, sha256, label in each line .*received test\/cat\/1\.png,abc,cat\./,
    )
  })

  it('freezes what data/test/ holds but for what is excluded, and says what changed', async () => {
    await writeImage('data/test/cat/1.png', 'a')
    await writeImage('data/test/horse_1.png', 'c')
    await writeImage('data/test/nolabel.png', 'x')
    await writeImage('data/train/dog/1.png', 'b')
    const hash = hashTestSet([CAT, HORSE]).slice(0, 12)
    expect(await acceptTestSetCommand([])).toBe(
      `test-set.csv: 2 images, ${hash}, changes: 2\n  test/cat/1.png: added\n  test/horse_1.png: added`,
    )
    expect(await readTestSet()).toEqual([CAT, HORSE])
    expect(await acceptTestSetCommand([])).toBe(`test-set.csv: 2 images, ${hash}, as before`)
    await writeFile('exclude.csv', 'id,reason\ntest/cat/1.png,blurred\n')
    expect(await acceptTestSetCommand([])).toMatch(/1 image, [0-9a-f]{12}, changes: 1\n {2}test\/cat\/1\.png: dropped$/)
    expect(await readTestSet()).toEqual([HORSE])
  })

  it('needs images', async () => {
    await expect(acceptTestSetCommand([])).rejects.toThrow('Expected images in data/, received none.')
  })
})

function image(id: string, content: string, label: string): TestImage {
  return { id, sha256: sha256(content), label }
}

async function writeImage(path: string, content: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, content)
}
