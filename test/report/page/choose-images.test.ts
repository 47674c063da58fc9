import { describe, expect, it } from 'vitest'
import { chooseImages, wholeGroups } from '../../../src/report/page/choose-images.ts'
import { evaluationOf, type Taken } from '../../evaluate/scored.ts'

const CHOSEN: Taken = { validation: { cat: 'cccd', dog: 'ddd' }, test: { horse: 'h' } }
const OTHER: Taken = { validation: { cat: 'dccd', dog: 'dhd' }, test: { horse: 'c' } }
const predictions = { chosen: evaluationOf(CHOSEN).images, other: evaluationOf(OTHER).images }

function chosenOf(most: number, duplicates: Parameters<typeof chooseImages>[1]['duplicates'] = []): string[] {
  return chooseImages(predictions, { chosen: 'chosen', duplicates, most }).map(({ id }) => id)
}

describe('chooseImages', () => {
  it('takes all images where there is room, part by part and by id', () => {
    expect(chosenOf(100)).toEqual([
      ...[0, 1, 2, 3].map((number) => `train/cat/validation-${number}.png`),
      ...[0, 1, 2].map((number) => `train/dog/validation-${number}.png`),
      'test/horse/test-0.png',
    ])
  })

  it('takes first what the chosen configuration gets wrong, then what others do', () => {
    expect(chosenOf(1)).toEqual(['train/cat/validation-3.png'])
    expect(chosenOf(4)).toEqual([
      ...['train/cat/validation-0.png', 'train/cat/validation-3.png', 'train/dog/validation-1.png'],
      'test/horse/test-0.png',
    ])
  })

  it('takes right answers evenly over parts and classes', () => {
    expect(chosenOf(6)).toEqual([
      ...['train/cat/validation-0.png', 'train/cat/validation-1.png', 'train/cat/validation-3.png'],
      ...['train/dog/validation-0.png', 'train/dog/validation-1.png', 'test/horse/test-0.png'],
    ])
  })

  it('takes near duplicates before all, once each, training images too', () => {
    const duplicates = [
      { id: 'train/cat/9.png', part: 'train' as const, label: 'cat' },
      { id: 'train/cat/validation-1.png', part: 'validation' as const, label: 'cat' },
    ]
    expect(chosenOf(3, duplicates)).toEqual([
      ...['train/cat/9.png', 'train/cat/validation-1.png', 'train/cat/validation-3.png'],
    ])
  })
})

describe('wholeGroups', () => {
  it('leaves out a group that does not fit, and takes smaller ones after it', () => {
    expect(wholeGroups([[1, 2], [3, 4, 5], [6]], 3)).toEqual([[1, 2], [6]])
  })
})
