import { describe, expect, it } from 'vitest'
import { DataError } from '../../src/core/errors.ts'
import type { ManifestRow } from '../../src/dataset/manifest.ts'
import type { Pair } from '../../src/dataset/pairs.ts'
import { checkPairs, groupRows, groupsOf } from '../../src/split/groups.ts'

const IMAGES = [
  'test/cat/1.png',
  'test/dog/1.png',
  'train/cat/1.png',
  'train/cat/2.png',
  'train/cat/3.png',
  'train/dog/1.png',
].map(row)
const pair = (id: string, other: string, kind: Pair['kind'] = 'near', distance = 0.0314): Pair => ({
  id,
  other,
  kind,
  distance,
  certainty: 'certain',
})
const likely = (id: string, other: string): Pair => ({ ...pair(id, other), certainty: 'likely' })

describe('checkPairs', () => {
  it('accepts pairs of one set and label', () => {
    expect(() => checkPairs(IMAGES, [pair('train/cat/1.png', 'train/cat/2.png')])).not.toThrow()
  })

  it('names a test image that is in training, a photograph with two labels, and what to do', () => {
    const pairs = [
      pair('test/cat/1.png', 'train/cat/2.png', 'exact', 0),
      pair('test/dog/1.png', 'train/dog/1.png', 'mirrored'),
      pair('train/cat/1.png', 'train/cat/2.png'),
      pair('train/cat/3.png', 'train/dog/1.png'),
    ]
    expect(() => checkPairs(IMAGES, pairs)).toThrow(
      new DataError(
        [
          'Expected each photograph once, in train/ or test/ and under one label, received 3 pairs of the same one (all pairs: artifacts/fetch/pairs.csv). Keep one image of each pair: remove the other, or add it to exclude.csv (id,reason).',
          '  test/cat/1.png: the same as train/cat/2.png',
          '  test/dog/1.png: the mirror image of train/dog/1.png (distance 0.031)',
          '  train/cat/3.png: nearly the same as train/dog/1.png (distance 0.031)',
        ].join('\n'),
      ),
    )
  })

  it('only warns about a pair that is likely, and does not group a test image with a training image', () => {
    const pairs = [likely('test/cat/1.png', 'train/cat/2.png'), likely('train/cat/1.png', 'train/cat/2.png')]
    expect(checkPairs(IMAGES, pairs)).toBe(
      [
        '1 pairs of images in both train/ and test/, or under two labels, look like one photograph (all pairs: artifacts/fetch/pairs.csv). Look at them: of each pair that is one, add an image to exclude.csv (id,reason).',
        '  test/cat/1.png: nearly the same as train/cat/2.png (distance 0.031)',
      ].join('\n'),
    )
    expect(groupsOf(IMAGES, pairs)).toEqual([['train/cat/1.png', 'train/cat/2.png']])
  })

  it('accepts a pair of which one image is excluded', () => {
    const used = IMAGES.filter(({ id }) => id !== 'train/cat/2.png')
    expect(() => checkPairs(used, [pair('test/cat/1.png', 'train/cat/2.png')])).not.toThrow()
  })
})

describe('groupsOf', () => {
  const pairs = [
    pair('train/cat/2.png', 'train/cat/3.png', 'near', 0.05),
    pair('train/cat/1.png', 'train/cat/2.png', 'mirrored', 0.01),
  ]

  it('is transitive, and leaves out single images', () => {
    expect(groupsOf(IMAGES, pairs)).toEqual([['train/cat/1.png', 'train/cat/2.png', 'train/cat/3.png']])
  })

  it('gives no group when the image between is excluded', () => {
    const used = IMAGES.filter(({ id }) => id !== 'train/cat/2.png')
    expect(groupsOf(used, pairs)).toEqual([])
  })

  it('lists the nearest member of each, and its distance', () => {
    const rows = IMAGES.map(({ id, label }) => ({ id, label, part: 'train' as const }))
    expect(groupRows(groupsOf(IMAGES, pairs), rows, pairs)).toEqual([
      member('train/cat/1.png', { nearest: 'train/cat/2.png', kind: 'mirrored', distance: 0.01 }),
      member('train/cat/2.png', { nearest: 'train/cat/1.png', kind: 'mirrored', distance: 0.01 }),
      member('train/cat/3.png', { nearest: 'train/cat/2.png', kind: 'near', distance: 0.05 }),
    ])
  })
})

function member(id: string, nearest: object) {
  return { group: 1, id, label: 'cat', part: 'train', ...nearest }
}

function row(id: string): ManifestRow {
  const [set, label = ''] = id.split('/')
  return { id, label, set: set === 'test' ? set : 'train', source: 'unknown', sha256: id, width: 8, height: 8 }
}
