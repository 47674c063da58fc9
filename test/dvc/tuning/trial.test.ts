import { describe, expect, it } from 'vitest'
import { reasonOf } from '../../../src/dvc/tuning/reason.ts'
import { namePrefix, ranked, type TrialResult, trialOf } from '../../../src/dvc/tuning/trial.ts'

const entry = { entry: { architecture: 'original' }, changed: ['learningRate'] }
const trial = trialOf('tune_net_', 'inputs', [['learningRate', 0.001]], entry)
const scored = (accuracy: number, loss: number): TrialResult => ({
  trial,
  score: { accuracy, loss, bestEpoch: 1, epochs: 2 },
})

describe('trialOf', () => {
  it('names a trial after its settings', () => {
    expect(namePrefix('tune', 'net')).toBe('tune_net_')
    expect(trial.name).toMatch(/^tune_net_learningRate=0\.001_[0-9a-f]{8}$/)
  })

  it('gives another name when anything that the training depends on is another', () => {
    const names = [
      trial.name,
      trialOf('tune_net_', 'others', trial.settings, entry).name,
      trialOf('tune_net_', 'inputs', trial.settings, { ...entry, entry: { architecture: 'resnet' } }).name,
    ]
    expect(new Set(names).size).toBe(3)
    expect(trialOf('tune_net_', 'inputs', trial.settings, entry).name).toBe(trial.name)
  })

  it('keeps to what git takes for a name, and to a length', () => {
    const settings = [
      ['weights', { path: '../a b~^:?*[\\..@{' }],
      ...Array.from({ length: 40 }, (_, n) => [`k${n}`, n]),
    ]
    const { name } = trialOf('tune_net_', '', settings as never, entry)
    expect(name).toMatch(/^[\w.=-]{1,109}$/)
    expect(name).not.toContain('..')
  })
})

describe('ranked', () => {
  it('puts the best first, equal ones in their order, and those that failed last', () => {
    const failed: TrialResult = { trial, reason: { text: 'why', byTraining: true } }
    const results = [failed, scored(0.5, 1), scored(Number.NaN, 0), scored(0.9, 2), scored(0.9, 1), scored(0.9, 2)]
    expect(ranked(results).map((each) => results.indexOf(each))).toEqual([4, 3, 5, 1, 2, 0])
  })
})

describe('reasonOf', () => {
  const dvc = ["ERROR: failed to reproduce 'train@net': failed to run: node train.ts, exited with 1"]

  it('is what the training said last', () => {
    const lines = ['train@net: epoch 1', 'train@net: TrainingError: Expected a, received b.', ...dvc]
    expect(reasonOf(lines)).toEqual({ text: 'TrainingError: Expected a, received b.', byTraining: true })
  })

  it('is the first line of a bug', () => {
    const lines = ['TypeError: x is not a function', '    at train (train.ts:1:1)', ...dvc]
    expect(reasonOf(lines)).toEqual({ text: 'TypeError: x is not a function', byTraining: true })
  })

  it('is what DVC says where the training said nothing', () => {
    expect(reasonOf(['a', ...dvc])).toMatchObject({ text: dvc[0]?.slice(7), byTraining: false })
    expect(reasonOf([])).toEqual({ text: 'it said nothing', byTraining: false })
  })
})
