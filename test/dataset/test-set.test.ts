import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import { sha256 } from '../../src/core/files.ts'
import type { TestImage } from '../../src/core/test-set.ts'
import { checkTestSet, compareTestSets, testSetOf } from '../../src/dataset/test-set.ts'

const CAT = image('test/cat/1.png', 'a', 'cat')
const DOG = image('test/dog/1.png', 'b', 'dog')
const HORSE = image('test/horse_1.png', 'c', 'horse')
const FROZEN = [CAT, DOG, HORSE]

describe('testSetOf', () => {
  it('has the images of test/ that are not excluded, by id', () => {
    const train = { ...CAT, id: 'train/cat/1.png', set: 'train' } as const
    const images = [train, ...[HORSE, DOG, CAT].map((each) => ({ ...each, set: 'test' as const, width: 8 }))]
    expect(testSetOf(images, [{ id: DOG.id }])).toEqual([CAT, HORSE])
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
  ])('describes %s', (_what, after, expected) => {
    expect(compareTestSets(FROZEN, after).map(({ id, reason }) => `${id}: ${reason}`)).toEqual(expected)
  })

  it('matches each of two copies with one move', () => {
    const copies = [CAT, { ...CAT, id: 'test/cat/2.png' }]
    const moved = copies.map((each) => ({ ...each, id: each.id.replace('cat/', 'cat/x') }))
    expect(compareTestSets(copies, moved).map(({ reason }) => reason)).toEqual([
      'was test/cat/1.png',
      'was test/cat/2.png',
    ])
  })
})

describe('checkTestSet', () => {
  it('accepts the frozen set, and an empty one', () => {
    expect(() => checkTestSet(FROZEN, [...FROZEN].reverse())).not.toThrow()
    expect(() => checkTestSet([], [])).not.toThrow()
  })

  it('fails with the differences and what to do', () => {
    expect(() => checkTestSet(FROZEN, [CAT, { ...DOG, sha256: sha256('d') }])).toThrow(
      new DataError(
        'Expected the test set of test-set.csv, received one with 2 changes. Restore the images, or accept the new set with `npm run accept-test-set`.\n  test/dog/1.png: changed: another image\n  test/horse_1.png: dropped',
      ),
    )
  })
})

function image(id: string, content: string, label: string): TestImage {
  return { id, sha256: sha256(content), label }
}
