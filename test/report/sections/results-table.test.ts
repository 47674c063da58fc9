import { describe, expect, it } from 'vitest'
import { classTable, confusionTable } from '../../../src/report/sections/confusion.ts'
import { formatResultsTable, missingReasons } from '../../../src/report/sections/results-table.ts'
import { tableLines } from '../../../src/report/write-markdown.ts'
import { metricsOf } from '../../evaluate/scored.ts'

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

describe('formatResultsTable', () => {
  it('has the best configuration first and marked, and the baseline last', () => {
    // Always cat: 4 of 5 on validation, F1 of cat 2 * 4 / (5 + 4) = 0.889, a third of it over three classes.
    expect(cells(formatResultsTable({ poor, good }, 'good'))).toEqual([
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
      ['Majority-class baseline (cat)', '80.0 % (4/5, 28.4-99.5)', '–', '50.0 % (1/2, 1.3-98.7)', '0.296', '0', '0'],
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
  it('has a row per label and the correct predictions bold', () => {
    const matrix = {
      classes: ['cat', 'a|b'],
      counts: [
        [12, 3],
        [0, 4],
      ],
    }
    expect(tableLines(confusionTable(matrix))).toBe(
      [
        '| Label / predicted |    cat |  a\\|b |',
        '| :---------------- | -----: | ----: |',
        '| cat               | **12** |     3 |',
        '| a\\|b              |      0 | **4** |',
      ].join('\n'),
    )
  })
})

describe('classTable', () => {
  it('has the scores of each class, a dash for an area that does not exist', () => {
    // dog: precision 3/3, recall 3/5, F1 6/8; cat: precision 5/7, recall 1, F1 10/12
    const { holdout } = metricsOf({ holdout: { cat: 'ccccc', dog: 'dddcc' } })
    const [, cat = [], dog = [], horse] = cells(tableLines(classTable(holdout)))
    expect([cat.slice(0, 4), cat[5]]).toEqual([['cat', '0.714', '1.000', '0.833'], '5'])
    expect([dog.slice(0, 4), dog[5]]).toEqual([['dog', '1.000', '0.600', '0.750'], '5'])
    expect(horse).toEqual(['horse', '0.000', '0.000', '0.000', '–', '0'])
  })
})
