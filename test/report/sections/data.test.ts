import { describe, expect, it } from 'vitest'
import { type DataCard, dataCard } from '../../../src/report/data-card.ts'
import { dataSection } from '../../../src/report/sections/data.ts'
import { writeMarkdown } from '../../../src/report/write-markdown.ts'

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

/** The section as lines, without the spaces that align a table. */
const linesOf = (card: DataCard) =>
  writeMarkdown('', [], [dataSection(card)])
    .replace(/ +/g, ' ')
    .split('\n')
    .filter((line) => line !== '')

describe('dataSection', () => {
  it('counts images by class and part, and by source', () => {
    const lines = linesOf(dataCard(manifest, split, { rejected: [], members: [], excluded: [] }))
    expect(lines.slice(4)).toEqual([
      '| cat | 2 | 1 | 0 | 0 | 3 |',
      '| dog | 2 | 0 | 1 | 1 | 4 |',
      '| all | 4 | 1 | 1 | 1 | 7 |',
      'The images are 80 to 106 pixels wide and high. Sources: camera 4, web 3.',
      'No file was refused.',
      '1 exact copy; all copies of an image are in one part:',
      '- `train/cat/1.png`, `train/cat/2.png`',
    ])
  })

  it('gives one size where all images have it', () => {
    const square = manifest.map((row) => ({ ...row, width: 128, height: 128 }))
    const lines = linesOf(dataCard(square, split, { rejected: [], members: [], excluded: [] }))
    expect(lines[7]).toBe('The images are 128 pixels wide and high. Sources: camera 4, web 3.')
  })

  it('lists exact copies, near duplicates and excluded images', () => {
    const excluded = [{ id: 'train/dog/9.png', reason: 'two animals' }]
    const lines = linesOf(dataCard(manifest, split, { rejected: [], members, excluded }))
    expect(lines.slice(-6)).toEqual([
      '1 exact copy; all copies of an image are in one part:',
      '- `train/cat/1.png`, `train/cat/2.png`',
      '1 group of near duplicates; each group is in one part:',
      '- `train/dog/1.png`, `train/dog/2.png`',
      '1 image excluded by `exclude.csv`:',
      '- `train/dog/9.png`: two animals',
    ])
  })

  it('names ten refused files and counts the others, and says that near duplicates were not searched for', () => {
    const rejected = Array.from({ length: 12 }, (_, place) => ({ id: `train/cat/${place}.jpg`, reason: 'cut off' }))
    const lines = linesOf(dataCard(manifest, split, { rejected, members: undefined, excluded: [] }))
    const start = lines.indexOf('12 files refused:')
    expect(lines.slice(start + 10, start + 12)).toEqual(['- `train/cat/9.jpg`: cut off', '- and 2 more'])
    expect(lines.at(-1)).toBe('Near duplicates were not searched for.')
  })
})
