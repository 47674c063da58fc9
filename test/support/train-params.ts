import type { TrainParams } from '../../src/train/params.ts'

const NO_RULES = { early: null, converged: null, overfitting: null, target: null }

/** Parameters for the small networks: Adam for six epochs in batches of eight, plain cross-entropy, no rule stops it. */
export function trainParams(overrides: Partial<TrainParams> = {}): TrainParams {
  return {
    epochs: 6,
    batchSize: 8,
    inferenceBatchSize: 8,
    learningRate: 0.02,
    schedule: { kind: 'constant' },
    optimizer: 'adam',
    momentum: 0.9,
    nesterov: false,
    weightDecay: 0.01,
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
    stopping: NO_RULES,
    engine: 'compiled',
    deterministic: false,
    threads: null,
    ...overrides,
  }
}
