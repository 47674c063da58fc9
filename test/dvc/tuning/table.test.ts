import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { spreadOf } from '../../../src/dvc/tuning/spread.ts'
import { entryYaml, spreadLine, trialsTable } from '../../../src/dvc/tuning/table.ts'
import type { Trial, TrialResult } from '../../../src/dvc/tuning/trial.ts'

const trial = (seed: number): Trial => ({
  name: `seeds_net_${seed}`,
  settings: [['seed', seed]],
  entry: { epochs: 3, architecture: 'original', mode: 'zero', seed },
  changed: ['seed'],
})
const scored = (seed: number, accuracy: number): TrialResult => ({
  trial: trial(seed),
  score: { accuracy, loss: 0.1234, bestEpoch: 2, epochs: 5 },
})
const failed: TrialResult = { trial: trial(9), reason: { text: 'Expected a | b.', byTraining: true } }

describe('trialsTable', () => {
  it('has a row a trial, the best first and those that failed last with the reason', () => {
    expect(trialsTable([failed, scored(1, 0.5), scored(2, 0.75)])).toBe(
      [
        '| seed | Validation |  Loss | Epochs (best) | Experiment, or why there is no score |',
        '| :--- | ---------: | ----: | ------------: | :----------------------------------- |',
        '| 2    |     75.0 % | 0.123 |         5 (2) | `seeds_net_2`                        |',
        '| 1    |     50.0 % | 0.123 |         5 (2) | `seeds_net_1`                        |',
        '| 9    |          – |     – |             – | Expected a \\| b.                     |',
      ].join('\n'),
    )
  })
})

describe('entryYaml', () => {
  it('is the entry as params.yaml takes it, architecture and mode first', () => {
    const text = entryYaml('net', trial(4))
    expect(text).toBe('models:\n  net:\n    architecture: original\n    mode: zero\n    epochs: 3\n    seed: 4')
    expect(parse(text)).toEqual({ models: { net: trial(4).entry } })
  })
})

describe('spreadLine', () => {
  it('gives mean, deviation and worst of those that ended', () => {
    // (0.9 + 0.8 + 0.7) / 3 = 0.8; deviations 0.1, 0, -0.1: sqrt((0.01 + 0 + 0.01) / 2) = 0.1
    expect(spreadLine([scored(1, 0.9), failed, scored(2, 0.7), scored(3, 0.8)])).toBe(
      'validation over 3 seeds: mean 80.0 %, standard deviation (n - 1) 10.0 points, worst 70.0 % (seed 2)',
    )
  })

  it('has no deviation of a single one, and nothing to say of none', () => {
    expect(spreadLine([scored(1, 0.9), failed])).toContain('standard deviation (n - 1) –')
    expect(spreadLine([failed])).toBe('')
  })
})

describe('spreadOf', () => {
  it('divides by n - 1', () => {
    // mean 5; squares 9, 1, 1, 1, 0, 0, 4, 16 sum to 32; sqrt(32 / 7)
    const { mean, deviation } = spreadOf([2, 4, 4, 4, 5, 5, 7, 9])
    expect(mean).toBe(5)
    expect(deviation).toBeCloseTo(2.13809, 5)
  })
})
