import { describe, expect, it } from 'vitest'
import { comparisonSections } from '../../../src/report/sections/comparison.ts'
import { probabilitySections } from '../../../src/report/sections/probabilities.ts'
import { writeMarkdown } from '../../../src/report/write-markdown.ts'
import { evaluated } from './evaluated.ts'

const good = evaluated({ validation: { cat: 'ccc', dog: 'd' }, holdout: { cat: 'ccccc', dog: 'ddddd' } })
const poor = evaluated({ validation: { cat: 'cdc', dog: 'd' }, holdout: { cat: 'ccccc', dog: 'dddcc' } })

/** Sections as lines, without the spaces that align a table. */
function linesOf(sections: ReturnType<typeof probabilitySections>): string[] {
  return writeMarkdown('', [], sections).replace(/ +/g, ' ').split('\n')
}

describe('probabilitySections', () => {
  const lines = linesOf(probabilitySections({ poor, good }, 'good'))

  it('shows scores, raw and calibrated, of the unbiased part', () => {
    expect(lines).toContain('## Probabilities on the holdout images')
    // good: every image right at 0.8: loss -ln 0.8 = 0.223, error 1 - 0.8, Brier 0.2² + 2 * 0.1² = 0.06. F1 of three classes 2/3.
    // By chance alone ten answers of 0.8 are 0.097 off (by hand, Σ |k / 10 - 0.8| of the binomial), and 0.3 or more in 3 of 100 cases.
    expect(lines.find((line) => line.includes('good'))).toMatch(
      /^\| \*\*good\*\* \(chosen\) \| 0\.667 \| 1\.000 \| 0\.223 → 0\.223 \| 0\.060 → 0\.060 \| 20\.0 % → 20\.0 % \| (8|9|10|11)\.\d %, up to (20|30)\.0 % \| 1\.00 \|$/,
    )
    // poor: three of four right on validation at 0.8 of three classes; its temperature is found there.
    expect(lines.find((line) => line.startsWith('| poor'))).toMatch(
      /^\| poor \| (0\.\d{3} \(0\.\d{3}-\d\.\d{3}\) \| ){2}(0\.\d{3} → 0\.\d{3} \(0\.\d{3}-\d\.\d{3}\) \| ){2}\d/,
    )
  })

  it('says why there is no temperature', () => {
    expect(lines).toContain(
      '- `good`: the probabilities are the network’s own, since every validation image is classified correctly and every lower temperature fits better.',
    )
  })

  it('shows how often the chosen configuration is right at which probability', () => {
    expect(lines.join('\n')).toContain('(plots/chosen_reliability.svg)')
    expect(lines).toContain('| 73-80 % | 10 | 80.0 % | 100.0 % (10/10) |')
  })

  it('uses validation where there is no holdout', () => {
    const bare = evaluated({ validation: { cat: 'ccd' } })
    expect(linesOf(probabilitySections({ bare }, 'bare'))).toContain('## Probabilities on the validation images')
    expect(probabilitySections({ empty: evaluated({}) })).toEqual([])
  })
})

describe('comparisonSections', () => {
  it('counts the images on which two configurations differ, without those of validation', () => {
    const lines = linesOf(comparisonSections({ poor, good }, 'good'))
    expect(lines).toContain('## Compared with `good`')
    expect(lines).toContain('On the 10 holdout and test images:')
    // two dogs predicted as cats by poor alone: twice 1 / 4, of which half counts
    expect(lines).toContain('| poor | 0 | 2 | 0.250 |')
    expect(lines.join()).not.toContain('Holm')
    // the same twice: twice 0.25
    const three = linesOf(comparisonSections({ poor, worse: poor, good }, 'good'))
    expect(three).toContain('| worse | 0 | 2 | 0.500 |')
    expect(three.join()).toContain('It is corrected for the number of comparisons (Holm).')
  })

  it('is empty where there is nothing to compare', () => {
    expect(comparisonSections({ good }, 'good')).toEqual([])
    const bare = evaluated({ validation: { cat: 'ccd' } })
    expect(comparisonSections({ bare, good }, 'bare')).toEqual([])
  })
})
