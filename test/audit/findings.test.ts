import { describe, expect, it } from 'vitest'
import { describeFinding, findingsOf, type Judged } from '../../src/audit/findings.ts'
import { sectionsOf } from '../../src/audit/page/data.ts'
import type { Pair } from '../../src/dataset/pairs.ts'

const CLASSES = ['cat', 'dog']

const image = (id: string, cat: number, distance = 0.1): Judged => {
  const [set = '', label = ''] = id.split('/')
  return { id, sha256: '', label, set: set === 'test' ? 'test' : 'train', probabilities: [cat, 1 - cat], distance }
}
const pair = (id: string, other: string, given: Partial<Pair> = {}): Pair => ({
  ...{ id, other, kind: 'near', distance: 0.01, certainty: 'certain' },
  ...given,
})

describe('findingsOf', () => {
  it('ranks images by the probability of their label, and suggests the likeliest class', () => {
    const findings = findingsOf(
      [image('train/cat/a', 0.9), image('train/dog/b', 0.8), image('train/cat/c', 0.4)],
      [],
      CLASSES,
    )
    expect(
      findings.map(({ id, probability, suggested, isUnlikely }) => [id, probability, suggested, isUnlikely]),
    ).toEqual([
      ['train/dog/b', expect.closeTo(0.2, 12), 'cat', true],
      ['train/cat/c', 0.4, 'dog', true],
      ['train/cat/a', 0.9, 'cat', false],
    ])
    expect(findings.map(describeFinding)).toEqual([['looks like cat'], ['looks like dog'], []])
  })

  it('puts images that are not judged last, without a suggestion', () => {
    const alone = { ...image('train/emu/x', 1), probabilities: [], distance: Number.NaN }
    const [first, last] = findingsOf([alone, image('train/cat/a', 0.9)], [], CLASSES)
    expect(first?.id).toBe('train/cat/a')
    expect(last).toMatchObject({ suggested: 'emu', isUnlikely: false, isOutlier: false, probability: Number.NaN })
  })

  it('calls the farthest labelled image of a hundred an outlier, and test images by the same distance', () => {
    const near = Array.from({ length: 199 }, (_, i) => image(`train/cat/${i}`, 0.9, 0.1 + i / 1000))
    const all = [
      ...near,
      image('train/cat/far', 0.9, 0.7),
      image('test/cat/far', 0.9, 0.8),
      image('test/cat/near', 0.9, 0.2),
    ]
    // of 200, floor(201 · 0.01) - 1 = 1 lies beyond the limit
    const outliers = findingsOf(all, [], CLASSES).filter(({ isOutlier }) => isOutlier)
    expect(outliers.map((each) => [each.id, describeFinding(each)])).toEqual([
      ['test/cat/far', ['unlike the labelled images (distance 0.800)']],
      ['train/cat/far', ['unlike all other images (distance 0.700)']],
    ])
    expect(findingsOf(all.slice(150), [], CLASSES).some(({ isOutlier }) => isOutlier)).toBe(false) // 50 are too few
  })

  it('names the duplicates that have another label or are in the other set', () => {
    const all = ['train/cat/a', 'train/dog/b', 'train/cat/c', 'test/cat/d'].map((id) => image(id, 0.5))
    const pairs = [
      pair('train/cat/a', 'train/dog/b', { kind: 'exact', distance: 0 }),
      pair('train/cat/a', 'train/cat/c'),
      pair('test/cat/d', 'train/cat/c', { kind: 'mirrored', certainty: 'likely' }),
    ]
    const words = new Map(findingsOf(all, pairs, CLASSES).map((each) => [each.id, describeFinding(each)]))
    expect(words.get('train/cat/a')).toEqual(['the same file as train/dog/b'])
    expect(words.get('train/cat/c')).toEqual(['perhaps the mirror image of test/cat/d'])
    expect(words.get('test/cat/d')).toEqual(['perhaps the mirror image of train/cat/c'])
  })
})

describe('sectionsOf', () => {
  it('shows duplicates in groups, then unlikely labels and outliers, each image once, and test images apart', () => {
    const near = Array.from({ length: 199 }, (_, i) => image(`train/cat/${i}`, 0.9))
    const odd = [
      image('train/cat/far', 0.9, 0.7),
      image('train/dog/wrong', 0.9),
      image('train/dog/copy', 0.9),
      image('test/dog/t', 0.9),
    ]
    const findings = findingsOf([...near, ...odd], [pair('train/cat/7', 'train/dog/copy')], CLASSES)
    const ids = Object.fromEntries(
      sectionsOf(findings).map(({ name, groups }) => [name, groups.map((group) => group.map(({ id }) => id))]),
    )
    expect(ids).toEqual({
      duplicates: [['train/cat/7', 'train/dog/copy']],
      labels: [['train/dog/wrong']],
      outliers: [['train/cat/far']],
      test: [['test/dog/t']],
    })
  })

  it('leaves out what is too much for a page, and says how many', () => {
    const many = Array.from({ length: 310 }, (_, i) => image(`train/dog/${i}`, 0.9))
    const labels = sectionsOf(findingsOf(many, [], CLASSES)).find(({ name }) => name === 'labels')
    expect([labels?.groups.length, labels?.leftOut]).toEqual([300, 10])
  })
})
