import { describe, expect, it } from 'vitest'
import { classTable } from '../../src/report/class-table.ts'
import { comparisonSection } from '../../src/report/comparison-section.ts'
import type { Evaluated } from '../../src/report/evaluations.ts'
import { probabilitySections } from '../../src/report/probability-sections.ts'
import { evaluationOf, identityOf, metricsOf, type Taken } from '../evaluate/scored.ts'

function evaluated(taken: Taken): Evaluated {
  const { images, confusion, reliability, calibration } = evaluationOf(taken)
  return {
    metrics: metricsOf(taken),
    predictions: images,
    confusion,
    reliability,
    calibration,
    identity: identityOf('one'),
    history: [],
  }
}

const good = evaluated({ validation: { cat: 'ccc', dog: 'd' }, holdout: { cat: 'ccccc', dog: 'ddddd' } })
const poor = evaluated({ validation: { cat: 'cdc', dog: 'd' }, holdout: { cat: 'ccccc', dog: 'dddcc' } })

/** Without the spaces that align a table. */
function plain(text: string): string {
  return text.replace(/ +/g, ' ')
}

describe('probabilitySections', () => {
  const sections = probabilitySections({ poor, good }, { chosen: 'good' }).map(plain)

  it('shows scores, raw and calibrated, of the part that chose nothing', () => {
    expect(sections[0]).toBe('## Probabilities on the holdout images')
    const [, , ...rows] = sections[1]?.split('\n') ?? []
    // good: every image right at 0.8: loss -ln 0.8 = 0.223, error 1 - 0.8, Brier 0.2² + 2 * 0.1² = 0.06. F1 of three classes 2/3.
    expect(rows[0]).toBe(
      '| **good** (chosen) | 0.667 | 1.000 | 0.223 → 0.223 | 20.0 % → 20.0 % | 0.060 → 0.060 | 1.00 |',
    )
    // poor: three of four right on validation at 0.8 of three classes; its temperature is found there.
    expect(rows[1]).toMatch(/^\| poor \| 0\.\d{3} \(0\.\d{3}-0\.\d{3}\) \| 0\.\d{3} \| 0\.\d{3} → 0\.\d{3} \| /)
  })

  it('says why there is no temperature', () => {
    expect(sections[2]).toBe(
      'The probabilities of `good` are kept as they are: it reads every validation image, and so no temperature is low enough.',
    )
  })

  it('shows how often the chosen one is right where it is how sure', () => {
    expect(sections[4]).toContain('(plots/chosen_reliability.svg)')
    expect(sections[6]).toContain('| 73-80 % | 10 | 80.0 % | 100.0 % (10/10) |')
  })

  it('falls back on validation where there is no holdout', () => {
    const bare = evaluated({ validation: { cat: 'ccd' } })
    expect(probabilitySections({ bare }, { chosen: 'bare' })[0]).toBe('## Probabilities on the validation images')
    expect(probabilitySections({ empty: evaluated({}) }, { chosen: undefined })).toEqual([])
  })
})

describe('comparisonSection', () => {
  it('counts the images on which two configurations differ, without those of validation', () => {
    const [title, images, table] = comparisonSection({ poor, good }, { chosen: 'good' })
    expect(title).toBe('## Beside `good`')
    expect(images).toBe('On the 10 holdout and test images:')
    // two dogs taken for cats by poor alone: twice 1 / 4
    expect(plain(table ?? '')).toContain('| poor | 0 | 2 | 0.500 |')
  })

  it('is empty where there is nothing to compare', () => {
    expect(comparisonSection({ good }, { chosen: 'good' })).toEqual([])
    const bare = evaluated({ validation: { cat: 'ccd' } })
    expect(comparisonSection({ bare, good }, { chosen: 'bare' })).toEqual([])
  })
})

describe('classTable', () => {
  it('has the scores of each class, a dash for an area that does not exist', () => {
    // dog: precision 3/3, recall 3/5, F1 6/8; cat: precision 5/7, recall 1, F1 10/12
    const lines = plain(classTable(poor.metrics.holdout)).split('\n')
    expect(lines[2]).toMatch(/^\| cat \| 0\.714 \| 1\.000 \| 0\.833 \| [\d.]+ \| 5 \|$/)
    expect(lines[3]).toMatch(/^\| dog \| 1\.000 \| 0\.600 \| 0\.750 \| [\d.]+ \| 5 \|$/)
    expect(lines[4]).toBe('| horse | 0.000 | 0.000 | 0.000 | – | 0 |')
  })
})
