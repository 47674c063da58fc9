import { describe, expect, it } from 'vitest'
import {
  type Candidate,
  formatCandidates,
  labelCandidates,
  labelsSection,
} from '../../../src/report/sections/labels.ts'
import { writeMarkdown } from '../../../src/report/write-markdown.ts'
import type { CalibratedImage } from '../../../src/scores/predictions.ts'

const classes = ['cat', 'dog']

/** A cat or a dog by the first letter of its id, with the calibrated probability of dog. */
function image(id: string, dog: number): CalibratedImage {
  const label = id.startsWith('c') ? 'cat' : 'dog'
  const prediction = dog > 0.5 ? 'dog' : 'cat'
  return { id, part: 'holdout', label, prediction, probabilities: [0.5, 0.5], calibrated: [1 - dog, dog] }
}

const chosen = [image('c1', 0.995), image('c2', 0.99), image('c3', 0.999), image('d1', 0.3), image('d2', 0.999)]
const other = [image('c1', 0.1), image('c2', 0.1), image('c3', 0.6), image('d1', 0.4), image('d2', 0.1)]

describe('labelCandidates', () => {
  it('are the wrong images that the chosen one is sure of and those that all get wrong, the surest first', () => {
    const found = labelCandidates({ other, chosen }, { chosen: 'chosen', classes })
    expect(found.map(({ id, probability, reason }) => [id, probability, reason])).toEqual([
      ['c3', 0.999, 'sure and everyone'],
      ['c1', 0.995, 'sure'],
      ['d1', 0.7, 'everyone'],
    ])
    expect(found[0]).toMatchObject({ label: 'cat', prediction: 'dog', part: 'holdout' })
  })

  it('are not all images that a single configuration gets wrong', () => {
    const found = labelCandidates({ chosen }, { chosen: 'chosen', classes })
    expect(found.map(({ id }) => id)).toEqual(['c3', 'c1'])
  })
})

function candidate(place: number): Candidate {
  const id = `train/cat/${place}.png`
  return { id, part: 'holdout', label: 'cat', prediction: 'dog', probability: 0.9951, reason: 'sure' }
}

describe('labelsSection', () => {
  const written = (candidates: readonly Candidate[]) => writeMarkdown('', [], [labelsSection(candidates, 'tiny')])

  it('lists twenty with their reason and names the file that has all', () => {
    const text = written([...Array(23).keys()].map(candidate))
    expect(text).toMatch(/^23 images of validation.* may have a wrong label/m)
    const rows = text.split('\n').filter((line) => line.startsWith('| `train/'))
    expect(rows).toHaveLength(20)
    expect(rows[0]?.replace(/ +/g, ' ')).toBe('| `train/cat/0.png` | holdout | cat | dog | 99.5 % | over 99 % sure |')
    expect(text).toMatch(/^3 more are listed in \[label-candidates\.csv\]\(label-candidates\.csv\)\.$/m)
  })

  it('says that there are none, and why', () => {
    expect(written([])).toMatch(/^None: /m)
  })
})

describe('formatCandidates', () => {
  it('has a line per candidate', () => {
    expect(formatCandidates([candidate(7)])).toBe(
      'id,part,label,prediction,probability,reason\ntrain/cat/7.png,holdout,cat,dog,0.995100,sure\n',
    )
  })

  it('lets no spreadsheet take the name of a class for a formula', () => {
    const names = ['=1+1', '+1', '-1', '@SUM(A1)', 'cat']
    const text = formatCandidates(names.map((label) => ({ ...candidate(1), label })))
    const cells = text.split('\n').slice(1, -1)
    expect(cells.map((line) => line.split(',')[2])).toEqual(["'=1+1", "'+1", "'-1", "'@SUM(A1)", 'cat'])
  })
})
