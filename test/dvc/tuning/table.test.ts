import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { entryYaml, noiseLine, ranked, spreadLine, trialsTable } from '../../../src/dvc/tuning/table.ts'
import type { Trial } from '../../../src/dvc/tuning/trials.ts'

const trial = (seed: number, accuracy?: number, loss = 0.1234): Trial => ({
  name: `fluky-hare-${seed}`,
  entry: { epochs: 3, architecture: 'original', mode: 'zero', seed, schedule: { kind: 'step' } },
  scores: accuracy === undefined ? undefined : { accuracy, macro_f1: 0.5, loss, best_epoch: 2, epochs: 5 },
  reason: 'Expected a | b.',
})

describe('trialsTable', () => {
  it('has a row for each trial, the best first and the failed ones last with the reason', () => {
    expect(trialsTable(['seed', 'schedule.kind'], [trial(9), trial(1, 0.5), trial(2, 0.75)])).toBe(
      [
        '| seed | schedule.kind | Validation |  Loss | Epochs (best) | Experiment, or why it failed |',
        '| :--- | :------------ | ---------: | ----: | ------------: | :--------------------------- |',
        '| 2    | step          |     75.0 % | 0.123 |         5 (2) | `fluky-hare-2`               |',
        '| 1    | step          |     50.0 % | 0.123 |         5 (2) | `fluky-hare-1`               |',
        '| 9    | step          |          – |     – |             – | Expected a \\| b.             |',
      ].join('\n'),
    )
  })
})

describe('ranked', () => {
  it('puts higher accuracy first, then lower loss, NaN after any number, and failures last', () => {
    const best = [
      trial(1, 0.6, 9),
      trial(2, 0.5, 0.6),
      trial(3, 0.5, 0.7),
      trial(4, 0.5, Number.NaN),
      trial(5, Number.NaN),
      trial(6),
    ]
    expect(ranked([...best].reverse())).toEqual(best)
  })
})

describe('entryYaml', () => {
  it('is the entry as params.yaml has it, architecture and mode first', () => {
    const text = entryYaml('net', trial(4))
    expect(text).toMatch(/^models:\n {2}net:\n {4}architecture: original\n {4}mode: zero\n {4}epochs: 3/)
    expect(parse(text)).toEqual({ models: { net: trial(4).entry } })
  })
})

describe('noiseLine', () => {
  it('says where the exact intervals of the first and the second overlap', () => {
    // Of 50, with Python: P(X >= 45) = 0.025 at 0.7819, P(X <= 45) at 0.9667; P(X >= 43) at 0.7326, P(X <= 43) at 0.9418
    expect(noiseLine([trial(1, 0.86), trial(2, 0.9), trial(3, 0.5), trial(4)], 50)).toMatch(
      /^The first and the second lie within noise: the 95 % intervals \(Clopper-Pearson\) .* overlap, 45 of 50 \(78\.2 % to 96\.7 %\) and 43 of 50 \(73\.3 % to 94\.2 %\)\./,
    )
  })

  it('is empty where they do not, where there is no second, and where the images are unknown', () => {
    expect(noiseLine([trial(1, 0.9), trial(2, 0.5)], 50)).toBe('')
    expect(noiseLine([trial(1, 0.9), trial(2), trial(3, Number.NaN)], 50)).toBe('')
    expect(noiseLine([trial(1, 0.9), trial(2, 0.9)], 0)).toBe('')
  })
})

describe('spreadLine', () => {
  it('gives mean, deviation and worst of the trials that ended', () => {
    // (0.9 + 0.8 + 0.7) / 3 = 0.8; deviations 0.1, 0, -0.1: sqrt((0.01 + 0 + 0.01) / 2) = 0.1
    expect(spreadLine([trial(1, 0.9), trial(9), trial(2, 0.7), trial(3, 0.8)])).toBe(
      'validation over 3 seeds: mean 80.0 %, standard deviation (n - 1) 10.0 points, worst 70.0 % (seed 2)',
    )
  })

  it('has no deviation for a single trial, and is empty for none', () => {
    expect(spreadLine([trial(1, 0.9), trial(9)])).toContain('standard deviation (n - 1) –')
    expect(spreadLine([trial(9)])).toBe('')
  })
})
