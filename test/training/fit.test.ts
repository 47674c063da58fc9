import { describe, expect, it } from 'vitest'
import type { TrainParams } from '../../src/config/schema.ts'
import { TrainingError } from '../../src/core/errors.ts'
import { seededRng } from '../../src/core/random.ts'
import type { Examples } from '../../src/dataset/batches.ts'
import { scoreValidation } from '../../src/evaluation/predict.ts'
import { openInference } from '../../src/tensorflow/inference.ts'
import { layerGraphOf, weightsOf } from '../../src/tensorflow/layer-graph.ts'
import { type FitResult, fit } from '../../src/training/fit.ts'
import { noKeeper } from '../support/no-keeper.ts'
import { brightnessPictures, SIDE, smallNetwork } from '../support/small-network.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const CLASSES = ['dark', 'grey', 'light']
const PARAMS: TrainParams = {
  epochs: 12,
  batchSize: 8,
  learningRate: 0.02,
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
  dropout: 0,
  batchNormMomentum: 0.9,
  l2: 0,
  patience: 12,
  engine: 'compiled',
}

/** Pictures in memory, as the packed files would give them. */
function examplesOf(count: number, key: string): Examples {
  const { values, labels } = brightnessPictures(count, seededRng(1, key))
  const size = SIDE * SIDE * 3
  return {
    count,
    variants: 1,
    inputShape: [SIDE, SIDE, 3],
    labels,
    ids: [...labels.keys()].map((i) => `${key}/${i}.png`),
    read: async (rows) => Buffer.concat(rows.map((row) => values.subarray(row * size, (row + 1) * size))),
    close: async () => {},
  }
}

const training = examplesOf(45, 'training')
const validation = examplesOf(21, 'validation')

async function train(params: Partial<TrainParams> = {}, seed = 1): Promise<FitResult & { epochs: number[] }> {
  const network = smallNetwork()
  const epochs: number[] = []
  try {
    const result = await fit({
      graph: layerGraphOf(network),
      weights: weightsOf(network),
      training,
      validation,
      classes: CLASSES,
      params: { ...PARAMS, ...params },
      seed,
      keeper: noKeeper(),
      listener: { onStep: () => {}, onEpoch: (row) => epochs.push(row.epoch) },
    })
    return { ...result, epochs }
  } finally {
    network.dispose()
  }
}

describe('fit', () => {
  it('learns to tell dark from light', async () => {
    const { history, bestEpoch } = await train()
    expect(history[bestEpoch - 1]?.validation_accuracy).toBeGreaterThan(0.9)
    expect(history.at(-1)?.loss).toBeLessThan(history[0]?.loss as number)
  })

  it('gives the same bits for the same seed, and others for another one', async () => {
    const [once, again, other] = [await train(), await train(), await train({}, 2)]
    expect(again).toEqual(once)
    expect(other.history).not.toEqual(once.history)
  })

  it('gives back the weights of the best epoch, not of the last', async () => {
    const { weights, history, bestEpoch } = await train({ learningRate: 0.3 })
    expect(bestEpoch).toBeLessThan(history.length)
    const network = smallNetwork()
    const inference = openInference(
      { graph: layerGraphOf(network), weights },
      { inputShape: training.inputShape, engine: 'compiled' },
    )
    const scores = await scoreValidation(inference, { examples: validation, classes: CLASSES, batchSize: 8 })
    inference.dispose()
    network.dispose()
    expect(scores.accuracy).toBe(history[bestEpoch - 1]?.validation_accuracy)
    expect(scores.loss).toBeCloseTo(history[bestEpoch - 1]?.validation_loss as number, 4)
  })

  it('stops when validation has not improved for `patience` epochs', async () => {
    const { history, bestEpoch, epochs } = await train({ learningRate: 1e-9, patience: 2, epochs: 12 })
    expect(history).toHaveLength(bestEpoch + 2)
    expect(epochs).toEqual(history.map((row) => row.epoch))
  })

  it('says at which step and learning rate the loss was not finite', async () => {
    const failure = train({ learningRate: 1e38, optimizer: 'sgd', epochs: 3 })
    await expect(failure).rejects.toThrow(TrainingError)
    await expect(failure).rejects.toThrow(/received (NaN|Infinity) at step \d+ \(epoch 1, learning rate 1e\+38\)/)
  })

  it('keeps no tensors', async () => {
    await expectTensorsKept(0, () => train({ epochs: 1 }))
  })
})
