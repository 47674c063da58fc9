import { describe, expect, it } from 'vitest'
import { confusionTable } from '../../src/report/confusion-table.ts'
import { missingReasons, resultsTable } from '../../src/report/results-table.ts'
import { metricsOf } from '../evaluate/scored.ts'

const good = metricsOf({ validation: { cat: 'cccc', dog: 'd' }, test: { cat: 'c', dog: 'd' } })
const poor = metricsOf({ validation: { cat: 'cccd', dog: 'd' }, test: { cat: 'c', dog: 'c' } }, { parameters: 7 })

/** The cells of a table without the line that aligns them. */
function cells(table: string): string[][] {
  const [header = '', , ...rows] = table.split('\n')
  return [header, ...rows].map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

describe('resultsTable', () => {
  it('has the best first and marked, and guessing last', () => {
    // Guessing cat: 4 of 5 on validation, F1 of cat 2 * 4 / (5 + 4) = 0.889, a third of it over three classes.
    expect(cells(resultsTable({ poor, good }, 'good'))).toEqual([
      ['Configuration', 'Validation', 'Holdout', 'Test', 'F1 (validation)', 'Parameters', 'Epochs (best)'],
      [
        '**good** (chosen)',
        '100.0 % (5/5, 47.8-100.0)',
        '–',
        '100.0 % (2/2, 15.8-100.0)',
        '0.667',
        '1,234,567',
        '4 (3)',
      ],
      ['poor', '80.0 % (4/5, 28.4-99.5)', '–', '50.0 % (1/2, 1.3-98.7)', '0.508', '7', '4 (3)'],
      ['always "cat"', '80.0 % (4/5, 28.4-99.5)', '–', '50.0 % (1/2, 1.3-98.7)', '0.296', '0', '0'],
    ])
  })
})

describe('missingReasons', () => {
  it('explains every dash', () => {
    const broken = { ...poor, test: { ...poor.test, accuracy: Number.NaN } }
    expect(missingReasons({ good, broken })).toEqual([
      '– there are no holdout images',
      '– the test scores of broken are not numbers',
    ])
  })
})

describe('confusionTable', () => {
  it('has a row an actual class and the right ones bold', () => {
    const matrix = {
      classes: ['cat', 'a|b'],
      counts: [
        [12, 3],
        [0, 4],
      ],
    }
    expect(confusionTable(matrix)).toBe(
      [
        '| actual \\ predicted |    cat |  a\\|b |',
        '| :----------------- | -----: | ----: |',
        '| cat                | **12** |     3 |',
        '| a\\|b               |      0 | **4** |',
      ].join('\n'),
    )
  })
})
