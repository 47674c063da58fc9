import { existsSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { FineTuneParams } from '../../src/network/params.ts'
import { buildNetwork, buildUntrained, type NetworkConfiguration } from '../../src/network/registry.ts'
import { countParameters } from '../../src/network/saved.ts'
import type { ModelEntry, TrainParams } from '../../src/train/params.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const TRAIN: TrainParams = {
  epochs: 1,
  batchSize: 2,
  inferenceBatchSize: 2,
  learningRate: 0.001,
  schedule: { kind: 'constant' },
  optimizer: 'adam',
  momentum: 0.9,
  nesterov: false,
  weightDecay: 0.004,
  clipNorm: null,
  ema: null,
  loss: 'cross-entropy',
  labelSmoothing: 0,
  focalGamma: 2,
  focalAlpha: 0.25,
  classWeights: 'none',
  sampling: 'shuffled',
  dropout: 0,
  batchNormMomentum: 0.9,
  l2: 0,
  stopping: {
    early: { monitor: 'validation_accuracy', patience: 3, minChange: 0 },
    converged: null,
    overfitting: null,
    target: null,
  },
  engine: 'compiled',
  deterministic: false,
  threads: null,
}
const OPTIONS = { imageSize: 32, classCount: 3, seed: 1 }
const OFFICIAL = '../shared/weights'

afterEach(() => vi.unstubAllEnvs())

describe('buildUntrained', () => {
  it('trains the head alone in transfer, and all but the running statistics from zero', async () => {
    const transfer = await buildUntrained(
      configurationOf({ architecture: 'mobilenet', mode: 'transfer', width: 0.25 }),
      OPTIONS,
    )
    const zero = await buildUntrained(
      configurationOf({ architecture: 'mobilenet', mode: 'zero', width: 0.25 }),
      OPTIONS,
    )
    // 218,544 without the top, the head 256 * 3 + 3 = 771, running means and variances 2 * 2,736 = 5,472
    expect(countParameters(transfer.model)).toEqual({ total: 219_315, trainable: 771 })
    expect(countParameters(zero.model)).toEqual({ total: 219_315, trainable: 219_315 - 5_472 })
  })

  it('trains the head and the last blocks in fine-tuning', async () => {
    const { model } = await buildUntrained(fineTuned(2), OPTIONS)
    // blocks 12 and 13 of 128 and 256 to 256 channels: depthwise 9 * 128 + 9 * 256, pointwise 128 * 256 + 256 * 256,
    // gammas and betas 2 * (128 + 256 + 256 + 256); and the head
    expect(countParameters(model).trainable).toBe(3_456 + 98_304 + 1_792 + 771)
    expect(model.getLayer('conv_dw_12').trainable).toBe(true)
    expect(model.getLayer('conv_pw_11_bn').trainable).toBe(false)
    const { model: all } = await buildUntrained(fineTuned('all'), OPTIONS)
    expect(countParameters(all).trainable).toBe(219_315 - 5_472)
  })

  it('refuses weights for a configuration that starts from zero', async () => {
    const weights = { path: 'model.json', sha256: '0'.repeat(64) }
    const entry = { architecture: 'mobilenet', mode: 'zero', width: 0.25, weights } as const
    await expect(buildUntrained(configurationOf(entry), OPTIONS)).rejects.toThrow('which starts from zero')
  })

  it('hands on the dropout of the configuration', async () => {
    const { name, entry, train } = configurationOf({ architecture: 'mobilenet', mode: 'zero', width: 0.25 })
    const { model } = await buildUntrained({ name, entry, train: { ...train, dropout: 0.2 } }, OPTIONS)
    expect(model.layers.at(-2)?.name).toBe('dropout')
  })
})

describe('buildNetwork', () => {
  const cache = temporaryFolder()

  it('never starts at random where weights are asked for and none are known', async () => {
    const configuration = configurationOf({ architecture: 'mobilenet', mode: 'transfer', width: 0.5 })
    await expect(buildNetwork(configuration, OPTIONS)).rejects.toThrow('mobilenet_v1_0.50_224/model.json')
  })

  it.skipIf(!existsSync(OFFICIAL))('loads the official weights (where ../shared/weights is there)', async () => {
    vi.stubEnv('PADDOCK_CACHE', cache.path)
    vi.stubEnv('PADDOCK_MIRROR', OFFICIAL)
    const configuration = configurationOf({ architecture: 'mobilenet', mode: 'transfer', width: 0.25 })
    const [network, untrained] = [
      await buildNetwork(configuration, OPTIONS),
      await buildUntrained(configuration, OPTIONS),
    ]
    const sums = [network, untrained].map(
      ({ model }) => model.getLayer('conv1_bn').getWeights()[2]?.abs().sum().dataSync()[0],
    )
    expect(sums[0]).toBeGreaterThan(0)
    expect(sums[1]).toBe(0) // the running mean before any training
  })
})

function fineTuned(unfreeze: FineTuneParams['unfreeze']): NetworkConfiguration {
  const fineTune = { head: null, unfreeze, batchNorm: 'frozen' } as const
  return configurationOf({ architecture: 'mobilenet', mode: 'fine-tune', width: 0.25, fineTune })
}

function configurationOf(entry: ModelEntry): NetworkConfiguration {
  return { name: 'net', entry, train: TRAIN }
}
