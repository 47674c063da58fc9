import { describe, expect, it } from 'vitest'
import { chooseBackbone } from '../../src/audit/configuration.ts'
import type { ModelEntry } from '../../src/train/params.ts'
import { paramsWith } from '../support/tiny-training.ts'

const ZERO: ModelEntry = { architecture: 'mobilenet', mode: 'zero', width: 0.25 }
const TRANSFER: ModelEntry = { architecture: 'mobilenet', mode: 'transfer', width: 0.25 }
const FINE_TUNE: ModelEntry = {
  ...{ architecture: 'mobilenet', mode: 'fine-tune', width: 0.25, dropout: 0.7 },
  fineTune: { head: { epochs: 7, learningRate: 0.02 }, unfreeze: 1, batchNorm: 'frozen' },
}
const params = (models: Readonly<Record<string, ModelEntry>>) => ({ ...paramsWith(ZERO), models })
const ALL = { zero: ZERO, tuned: FINE_TUNE, small: TRANSFER, large: TRANSFER }

describe('chooseBackbone', () => {
  it('takes the named configuration, else the one that the gate chose, else the first transfer, else fine-tune', () => {
    expect(chooseBackbone(params(ALL), 'tuned', 'large').name).toBe('tuned')
    expect(chooseBackbone(params(ALL), undefined, 'large').name).toBe('large')
    expect(chooseBackbone(params(ALL), undefined, 'zero').name).toBe('small')
    expect(chooseBackbone(params(ALL)).name).toBe('small')
    expect(chooseBackbone(params({ zero: ZERO, tuned: FINE_TUNE })).name).toBe('tuned')
  })

  it('trains heads as the head of a fine-tuning, with a dropout of a half at least', () => {
    expect(chooseBackbone(params(ALL), 'tuned').train).toMatchObject({ epochs: 7, learningRate: 0.02, dropout: 0.7 })
    expect(chooseBackbone(params(ALL), 'small').train).toMatchObject({ epochs: 2, dropout: 0.5 })
  })

  it('refuses a configuration from zero, and says what to use', () => {
    expect(() => chooseBackbone(params(ALL), 'zero')).toThrow(
      'Expected a configuration with mode transfer or fine-tune, received zero, which starts from zero: it knows images only by the labels that an audit questions. Name another: --config small.',
    )
    for (const name of ['zero', undefined]) {
      expect(() => chooseBackbone(params({ zero: ZERO }), name)).toThrow(
        'e.g. `mobilenet025-transfer: { architecture: mobilenet, mode: transfer, width: 0.25 }`.',
      )
    }
  })
})
