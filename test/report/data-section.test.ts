import { describe, expect, it } from 'vitest'
import { dataCard } from '../../src/report/data-card.ts'
import { dataSection } from '../../src/report/data-section.ts'

/** Rows of a manifest and a split: id, part, content, source. */
const IMAGES = [
  ['train/cat/1.png', 'train', 'a', 'camera'],
  ['train/cat/2.png', 'train', 'a', 'camera'],
  ['train/cat/3.png', 'validation', 'b', 'web'],
  ['train/dog/1.png', 'train', 'c', 'camera'],
  ['train/dog/2.png', 'train', 'd', 'camera'],
  ['train/dog/3.png', 'holdout', 'e', 'web'],
  ['test/dog/4.png', 'test', 'f', 'web'],
] as const

const labelOf = (id: string) => id.split('/')[1] ?? ''
const manifest = IMAGES.map(([id, part, content, source], place) => ({
  ...{ id, label: labelOf(id), source, sha256: content, width: 100 + place, height: 80 },
  set: part === 'test' ? ('test' as const) : ('train' as const),
}))
const split = IMAGES.map(([id, part]) => ({ id, label: labelOf(id), part }))
const members = [
  { group: '1', id: 'train/cat/1.png' }, // the same bytes: no near duplicates
  { group: '1', id: 'train/cat/2.png' },
  { group: '2', id: 'train/dog/1.png' },
  { group: '2', id: 'train/dog/2.png' },
]

/** Without the spaces that align a table. */
const plain = (sections: readonly string[]) => sections.map((text) => text.replace(/ +/g, ' '))

describe('dataSection', () => {
  it('counts images by class and part, and by source', () => {
    const sections = plain(dataSection(dataCard(manifest, split, { rejected: [], members: [], excluded: [] })))
    expect(sections[1]?.split('\n').slice(2)).toEqual([
      '| cat | 2 | 1 | 0 | 0 | 3 |',
      '| dog | 2 | 0 | 1 | 1 | 4 |',
      '| all | 4 | 1 | 1 | 1 | 7 |',
    ])
    expect(sections[2]).toBe('Sides of 80 to 106 pixels; sources: camera 4, web 3.')
    expect(sections[3]).toBe('No file was refused.')
    expect(sections).toHaveLength(6)
  })

  it('lists exact copies, images that are nearly the same, and those that are excluded', () => {
    const excluded = [{ id: 'train/dog/9.png', reason: 'two animals' }]
    const sections = dataSection(dataCard(manifest, split, { rejected: [], members, excluded }))
    expect(sections.slice(4)).toEqual([
      '1 exact copy; all of an image lie in one part:',
      '- `train/cat/1.png`, `train/cat/2.png`',
      '1 group of images that show nearly the same; each lies in one part:',
      '- `train/dog/1.png`, `train/dog/2.png`',
      '1 image excluded by `exclude.csv`:',
      '- `train/dog/9.png`: two animals',
    ])
  })

  it('names ten refused files and counts the others', () => {
    const rejected = Array.from({ length: 12 }, (_, place) => ({ id: `train/cat/${place}.jpg`, reason: 'cut off' }))
    const sections = dataSection(dataCard(manifest, split, { rejected, members: [], excluded: [] }))
    expect(sections[3]).toBe('12 files refused:')
    expect(sections[4]?.split('\n')).toHaveLength(11)
    expect(sections[4]?.endsWith('- `train/cat/9.jpg`: cut off\n- and 2 more')).toBe(true)
  })
})
