import { describe, expect, it } from 'vitest'
import { candidatesSection, formatCandidates } from '../../src/report/candidates-section.ts'
import type { Candidate } from '../../src/report/label-trouble.ts'

function candidate(place: number): Candidate {
  const id = `train/cat/${place}.png`
  return { id, part: 'holdout', label: 'cat', prediction: 'dog', probability: 0.9951, reason: 'sure' }
}

describe('candidatesSection', () => {
  it('lists twenty with their reason and names the file that has all', () => {
    const sections = candidatesSection([...Array(23).keys()].map(candidate), 'tiny')
    expect(sections[1]).toMatch(/^23 images .* None was dropped/)
    const rows = sections[2]?.split('\n').slice(2) ?? []
    expect(rows).toHaveLength(20)
    expect(rows[0]?.replace(/ +/g, ' ')).toBe('| `train/cat/0.png` | holdout | cat | dog | 99.5 % | it is sure |')
    expect(sections[3]).toBe('And 3 more in [label-candidates.csv](label-candidates.csv).')
  })

  it('says that there are none, and why', () => {
    expect(candidatesSection([], 'tiny')[1]).toMatch(/^None: /)
  })
})

describe('formatCandidates', () => {
  it('is a line a candidate', () => {
    expect(formatCandidates([candidate(7)])).toBe(
      'id,part,label,prediction,probability,reason\ntrain/cat/7.png,holdout,cat,dog,0.995100,sure\n',
    )
  })
})
