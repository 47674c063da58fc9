import { describe, expect, it } from 'vitest'
import type { SeedTrial } from '../../../src/records/seeds.ts'
import { resultsSection } from '../../../src/report/sections/results-table.ts'
import { writeMarkdown } from '../../../src/report/write-markdown.ts'
import { metricsOf } from '../../evaluate/scored.ts'
import { historyRow } from '../../support/history-row.ts'

const metrics = metricsOf({ validation: { cat: 'ccccd', dog: 'ddddd' } }, { best_epoch: 2, epochs: 3 })
const scores = { validation_accuracy: 0.9, validation_loss: 0.312345 }
const history = [historyRow(1), historyRow(2, scores), historyRow(3)]
const own: SeedTrial = { seed: 1, accuracy: 0.9, loss: 0.312345, best_epoch: 2, epochs: 3 }
const trials = [own, { ...own, seed: 2, accuracy: 0.7, loss: 0.5 }, { ...own, seed: 3, accuracy: 0.8, loss: 0.4 }]

const textOf = (seeds: Parameters<typeof resultsSection>[2]) =>
  writeMarkdown('', [], [resultsSection({ net: { metrics, history } }, 'net', seeds)]).replace(/ +/g, ' ')

describe('resultsSection', () => {
  it('has the spread over seeds of the training that one of them is', () => {
    // By hand: mean 0.8, squares 0.01 + 0.01 over 2, whose root is 0.1.
    expect(textOf([{ configuration: 'net', trials }])).toContain('| net | 3 | 80.0 % | 10.0 points | 70.0 % |')
  })

  it('shows the most seeds where there were several searches', () => {
    const searches = [trials, trials.slice(0, 2)].map((some) => ({ configuration: 'net', trials: some }))
    expect(textOf(searches)).toContain('| net | 3 |')
  })

  it('shows none of another configuration, of other parameters, data or code, or without a search', () => {
    expect(textOf([{ configuration: 'other', trials }])).not.toContain('seeds')
    const changed = trials.map((trial) => ({ ...trial, loss: trial.loss + 0.000001 }))
    expect(textOf([{ configuration: 'net', trials: changed }])).not.toContain('seeds')
    expect(textOf([])).not.toContain('seeds')
  })
})
