import { describe, expect, it } from 'vitest'
import { TrainingError } from '../../src/core/errors.ts'
import { seededRng } from '../../src/core/random.ts'
import { scoreValidation } from '../../src/network/predict.ts'
import type { PartScores } from '../../src/scores/scores.ts'
import { layerGraphOf, weightsOf } from '../../src/tensorflow/graph.ts'
import { openInference } from '../../src/tensorflow/inference.ts'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.ts'
import { type FitResult, fit } from '../../src/train/fit.ts'
import type { FitJob, FitState } from '../../src/train/job.ts'
import type { Keeper, Snapshot } from '../../src/train/keeper.ts'
import type { OneAnswer } from '../../src/train/one-answer.ts'
import type { TrainParams } from '../../src/train/params.ts'
import { noKeeper } from '../support/no-keeper.ts'
import { brightnessExamples, SIDE, smallNetwork } from '../support/small-network.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const CLASSES = ['dark', 'grey', 'light']
const EARLY = { monitor: 'validation_accuracy', patience: 12, minChange: 0 } as const
const PARAMS: TrainParams = {
  epochs: 12,
  batchSize: 8,
  inferenceBatchSize: 8,
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
  sampling: 'shuffled',
  dropout: 0,
  batchNormMomentum: 0.9,
  l2: 0,
  stopping: {
    early: EARLY,
    converged: null,
    overfitting: null,
    target: null,
  },
  engine: 'compiled',
  deterministic: false,
  threads: null,
}

const training = brightnessExamples(45, seededRng(1, 'training'))
const validation = brightnessExamples(21, seededRng(1, 'validation'))
const BLACK = { ...training, read: async (rows: readonly number[]) => new Uint8Array(rows.length * SIDE * SIDE * 3) }

async function train(
  params: Partial<TrainParams> = {},
  seed = 1,
  given: Partial<Pick<FitJob, 'augment' | 'keeper' | 'listener' | 'training' | 'validation'>> = {},
): Promise<FitResult & { epochs: number[] }> {
  const network = smallNetwork()
  const epochs: number[] = []
  try {
    const result = await fit({
      phase: 'network',
      graph: layerGraphOf(network),
      weights: weightsOf(network),
      training,
      validation,
      classes: CLASSES,
      params: { ...PARAMS, ...params },
      seed,
      keeper: noKeeper(),
      listener: { onStep: () => {}, onEpoch: (row) => epochs.push(row.epoch) },
      ...given,
    })
    return { ...result, epochs }
  } finally {
    network.dispose()
  }
}

/** The validation scores of the small network with some weights. */
async function score({ weights }: FitResult): Promise<PartScores> {
  const network = smallNetwork()
  const frozen = { graph: layerGraphOf(network), weights }
  network.dispose()
  const inference = openInference(frozen, { inputShape: training.inputShape, engine: 'compiled' })
  try {
    return await scoreValidation(inference, { examples: validation, classes: CLASSES, batchSize: 8 })
  } finally {
    inference.dispose()
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
    const result = await train({ learningRate: 0.3 })
    const { history, bestEpoch } = result
    expect(bestEpoch).toBeLessThan(history.length)
    const scores = await score(result)
    expect(scores.accuracy).toBe(history[bestEpoch - 1]?.validation_accuracy)
    expect(scores.loss).toBeCloseTo(history[bestEpoch - 1]?.validation_loss as number, 4)
  })

  it('trains with the learning rate of its schedule and writes it down', async () => {
    const { history } = await train({ schedule: { kind: 'step', everyEpochs: 2, factor: 0.5 }, epochs: 5 })
    expect(history.map((row) => row.learning_rate)).toEqual([0.02, 0.02, 0.01, 0.01, 0.005])
    const constant = await train({ epochs: 5 })
    expect(constant.history.slice(0, 2)).toEqual(history.slice(0, 2))
    expect(constant.history[2]?.loss).not.toBe(history[2]?.loss)
  })

  it('lowers the learning rate after each epoch without a lower validation loss, when told to', async () => {
    const { history } = await train({ learningRate: 0.1, schedule: { kind: 'plateau', patience: 1, factor: 0.5 } })
    let [rate, best] = [0.1, Number.POSITIVE_INFINITY]
    for (const row of history) {
      expect(row.learning_rate).toBeCloseTo(rate, 10)
      if (!(row.validation_loss < best)) rate /= 2
      best = Math.min(best, row.validation_loss)
    }
    expect(rate).toBeLessThan(0.1)
  })

  it('validates and gives back averaged weights, which do not change the training', async () => {
    const [plain, averaged] = [await train({ epochs: 6 }), await train({ epochs: 6, ema: 0.9 })]
    expect(averaged.history.map((row) => row.loss)).toEqual(plain.history.map((row) => row.loss))
    expect(averaged.weights.get('conv/kernel')).not.toEqual(plain.weights.get('conv/kernel'))
    const scores = await score(averaged)
    expect(scores.loss).toBeCloseTo(averaged.history[averaged.bestEpoch - 1]?.validation_loss as number, 4)
  })

  it('counts classes of the same size alike when they are balanced', async () => {
    expect(await train({ epochs: 2, classWeights: 'balanced' })).toEqual(await train({ epochs: 2 }))
  })

  it('stops when validation has not improved for `patience` epochs, and says so in the last row', async () => {
    const stopping = { ...PARAMS.stopping, early: { ...EARLY, patience: 2 } }
    const { history, bestEpoch, epochs } = await train({ learningRate: 1e-9, stopping })
    expect(history).toHaveLength(bestEpoch + 2)
    expect(epochs).toEqual(history.map((row) => row.epoch))
    expect(history.map((row) => row.stopped_by)).toEqual([...Array(bestEpoch + 1).fill(''), 'early'])
  })

  it('stops when the target is reached, else when the epochs are over', async () => {
    const whole = await train()
    expect(whole.history.at(-1)?.stopped_by).toBe('epochs')
    const value = whole.history[3]?.accuracy as number // of an epoch in the midst
    const first = whole.history.findIndex(({ accuracy }) => accuracy >= value)
    const target = { monitor: 'accuracy', value } as const
    const { history } = await train({ stopping: { ...PARAMS.stopping, target } })
    expect(history).toHaveLength(first + 1)
    expect(history.at(-1)?.stopped_by).toBe('target')
    expect(history.slice(0, -1)).toEqual(whole.history.slice(0, first))
  })

  it('keeps the weights that are best by the monitor of early stopping', async () => {
    const early = { ...EARLY, monitor: 'validation_loss' } as const
    const { history, bestEpoch } = await train({ learningRate: 0.3, stopping: { ...PARAMS.stopping, early } })
    const losses = history.map((row) => row.validation_loss)
    expect(bestEpoch).toBe(losses.indexOf(Math.min(...losses)) + 1)
  })

  it('says that a person ended it, in the row of the last whole epoch', async () => {
    const keeper: Keeper<FitState> = { ...noKeeper(), afterStep: async ({ step }) => step === 14 } // in the third epoch of six steps
    const { history } = await train({}, 1, { keeper })
    expect(history.map((row) => row.stopped_by)).toEqual(['', 'finish'])
  })

  it('tells once, after the third epoch, that black images teach it nothing but the class shares', async () => {
    const told: unknown[] = []
    const listener = { onStep: () => {}, onEpoch: () => {}, onCollapse: (...each: unknown[]) => told.push(each) }
    const black = {
      ...training,
      read: async (rows: readonly number[]) => new Uint8Array(rows.length * SIDE * SIDE * 3),
    }
    const { history } = await train({ epochs: 5 }, 1, { listener, training: black })
    expect(history.map((row) => row.collapsed)).toEqual([0, 0, 1, 1, 1])
    // 45 images, 15 of each class: ln 3.
    expect(told).toEqual([[history[2], { loss: expect.closeTo(1.098612, 6), accuracy: 1 / 3, images: 45 }]])
    expect((await train()).history.every((row) => row.collapsed === 0)).toBe(true)
  })

  it('tells which class validation gives to all, where black images are what it is validated on', async () => {
    const told: OneAnswer[] = []
    const listener = {
      onStep: () => {},
      onEpoch: () => {},
      onOneAnswer: (_row: unknown, answer: OneAnswer) => told.push(answer),
    }
    const black = { ...validation, read: BLACK.read }
    await train({}, 1, { listener, validation: black })
    expect(told.at(-1)).toEqual({
      label: 'dark',
      taken: 21,
      images: 21,
      lag: { momentum: 0.9, steps: 6, oldShare: 0.9 ** 6 },
    })
    told.length = 0
    await train({}, 1, { listener })
    expect(told).toEqual([])
  })

  it('says at which step and learning rate the loss was not finite', async () => {
    const failure = train({ learningRate: 1e38, optimizer: 'sgd', epochs: 3 })
    await expect(failure).rejects.toThrow(TrainingError)
    await expect(failure).rejects.toThrow(/received (NaN|Infinity) at step \d+ \(epoch 1, learning rate 1e\+38\)/)
  })

  it('goes on from a checkpoint as if nothing had been, transforms and mixed images included', async () => {
    const augment = {
      rotation: 20,
      shift: 0.1,
      shear: 0,
      zoom: 0.1,
      flip: true,
      brightness: 0.1,
      mixup: 0.2,
      cutmix: 1,
    }
    const params = { epochs: 3 }
    const whole = await train(params, 1, { augment })
    let saved: Snapshot<FitState> | undefined
    const stopping: Keeper<FitState> = {
      ...noKeeper(),
      afterStep: async ({ step }, capture) => {
        if (step === 8) saved = capture() // in the second epoch of six steps
        if (step === 9) throw new Error('killed')
        return false
      },
    }
    await expect(train(params, 1, { augment, keeper: stopping })).rejects.toThrow('killed')
    const resumed = await train(params, 1, { augment, keeper: { ...noKeeper(), restore: async () => saved } })
    expect({ ...resumed, epochs: [] }).toEqual({ ...whole, epochs: [] })
    expect(whole.history).not.toEqual((await train(params)).history)
  })

  it('counts the epochs before an interruption, for the rules and for what was told', async () => {
    const converged = { monitor: 'accuracy', epochs: 4, tolerance: 1 } as const // any four epochs
    const stopping = { ...PARAMS.stopping, converged }
    let saved: Buffer = Buffer.alloc(0)
    const killing: Keeper<FitState> = {
      ...noKeeper(),
      afterStep: async ({ step }, capture) => {
        if (step < 20) return false // in the fourth epoch of six steps
        saved = encodeCheckpoint({ key: 'k', ...capture() })
        throw new Error('killed')
      },
    }
    await expect(train({ stopping }, 1, { training: BLACK, keeper: killing })).rejects.toThrow('killed')
    const restore = async () => decodeCheckpoint(saved, { key: 'k', name: 'saved' }) as Checkpoint<FitState>
    const told: unknown[] = []
    const listener = { onStep: () => {}, onEpoch: () => {}, onCollapse: (...each: unknown[]) => told.push(each) }
    const { history } = await train({ stopping }, 1, { training: BLACK, listener, keeper: { ...noKeeper(), restore } })
    expect(history.map(({ collapsed, stopped_by }) => [collapsed, stopped_by])).toEqual([
      [0, ''],
      [0, ''],
      [1, ''],
      [1, 'converged'],
    ])
    expect(told).toEqual([])
  })

  it('goes on in the midst of an epoch of balanced batches with the bytes of a run that was never stopped', async () => {
    const uneven = brightnessExamples(45, seededRng(1, 'training'))
    const few = { ...uneven, labels: uneven.labels.map((label, i) => (label === 2 && i > 10 ? 0 : label)) }
    const params = { epochs: 3, sampling: 'balanced' } as const
    const whole = await train(params, 1, { training: few })
    let saved: Snapshot<FitState> | undefined
    const stopping: Keeper<FitState> = {
      ...noKeeper(),
      afterStep: async ({ step }, capture) => {
        if (step === 8) saved = capture() // in the second epoch of six steps
        if (step === 9) throw new Error('killed')
        return false
      },
    }
    await expect(train(params, 1, { training: few, keeper: stopping })).rejects.toThrow('killed')
    const restoring = { ...noKeeper<FitState>(), restore: async () => saved }
    const resumed = await train(params, 1, { training: few, keeper: restoring })
    expect({ ...resumed, epochs: [] }).toEqual({ ...whole, epochs: [] })
    expect(whole.history).not.toEqual((await train({ epochs: 3 }, 1, { training: few })).history)
  })

  it('compares a training of balanced batches with guessing among equally common classes', async () => {
    const told: unknown[] = []
    const listener = { onStep: () => {}, onEpoch: () => {}, onCollapse: (...each: unknown[]) => told.push(each) }
    const black = {
      ...training,
      labels: training.labels.map((label, i) => (i < 30 ? 0 : label)),
      read: async (rows: readonly number[]) => new Uint8Array(rows.length * SIDE * SIDE * 3),
    }
    await train({ epochs: 3, sampling: 'balanced' }, 1, { listener, training: black })
    // 45 rows, 15 of each class: ln 3.
    expect(told).toEqual([[expect.anything(), { loss: expect.closeTo(1.098612, 6), accuracy: 1 / 3, images: 45 }]])
  })

  it('keeps no tensors', async () => {
    await expectTensorsKept(0, () => train({ epochs: 1 }))
  })
})
