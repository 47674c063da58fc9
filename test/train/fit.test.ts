import { describe, expect, it } from 'vitest'
import { TrainingError } from '../../src/core/errors.ts'
import { seededRng } from '../../src/core/random.ts'
import { scoreValidation } from '../../src/network/predict.ts'
import type { HistoryRow } from '../../src/scores/history.ts'
import type { PartScores } from '../../src/scores/scores.ts'
import { layerGraphOf } from '../../src/tensorflow/graph.ts'
import { openInference } from '../../src/tensorflow/inference.ts'
import type { Snapshot } from '../../src/train/checkpoint.ts'
import type { Checkpointer } from '../../src/train/checkpointer.ts'
import type { OneAnswer } from '../../src/train/collapse.ts'
import type { TrainingCallbacks } from '../../src/train/epoch.ts'
import { fit, startPhase } from '../../src/train/fit.ts'
import type { TrainParams } from '../../src/train/params.ts'
import type { TrainingJob } from '../../src/train/session.ts'
import { bestEpochOf } from '../../src/train/stopping.ts'
import { brightnessExamples, SIDE, smallJob, smallNetwork } from '../support/small-network.ts'
import { expectTensorsKept } from '../support/tensors.ts'
import { trainParams } from '../support/train-params.ts'
import { noCheckpointer, silent } from '../support/uninterrupted.ts'

const CLASSES = ['dark', 'grey', 'light']
const EARLY = { monitor: 'validation_accuracy', patience: 12, minChange: 0 } as const
const STOPPING = { early: EARLY, converged: null, overfitting: null, target: null }
const PARAMS = trainParams({ epochs: 12, weightDecay: 0.004, stopping: STOPPING })

const training = brightnessExamples(45, seededRng(1, 'training'))
const validation = brightnessExamples(21, seededRng(1, 'validation'))
const BLACK = { ...training, read: async (rows: readonly number[]) => new Uint8Array(rows.length * SIDE * SIDE * 3) }

interface Given extends Partial<Pick<TrainingJob, 'augment' | 'training' | 'validation'>> {
  readonly checkpointer?: Partial<Checkpointer>
  readonly callbacks?: Partial<TrainingCallbacks>
  readonly from?: Snapshot | undefined
}

/** What a training gives: best weights, history, and the epochs that it called back. */
interface Result {
  readonly weights: Snapshot['best']
  readonly history: readonly HistoryRow[]
  readonly bestEpoch: number
  readonly epochs: readonly number[]
}

async function train(
  overrides: Partial<TrainParams> = {},
  seed = 1,
  { checkpointer, callbacks, from, ...data }: Given = {},
): Promise<Result> {
  const network = smallNetwork()
  const epochs: number[] = []
  const params = { ...PARAMS, ...overrides }
  try {
    const job: TrainingJob = { ...smallJob(network, params), training, validation, seed, ...data }
    const { state, best } = await fit(job, from ?? startPhase(job), {
      checkpointer: { ...noCheckpointer, ...checkpointer },
      callbacks: { ...silent, onEpoch: (row) => epochs.push(row.epoch), ...callbacks },
    })
    const { history } = state
    return { weights: best, history, bestEpoch: bestEpochOf(history, params.stopping), epochs }
  } finally {
    network.dispose()
  }
}

/** A checkpointer that takes a snapshot after a step, and fails after the next; `snapshot` gives what it took. */
function breakAfter(step: number) {
  let taken: Snapshot | undefined
  const checkpointer: Partial<Checkpointer> = {
    afterStep: async (position, capture) => {
      if (position.step === step) taken = capture()
      if (position.step === step + 1) throw new Error('killed')
      return false
    },
  }
  return { checkpointer, snapshot: () => taken }
}

/** The validation scores of the small network with some weights. */
async function score({ weights }: Result): Promise<PartScores> {
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
    const stopping = { ...STOPPING, early: { ...EARLY, patience: 2 } }
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
    const { history } = await train({ stopping: { ...STOPPING, target } })
    expect(history).toHaveLength(first + 1)
    expect(history.at(-1)?.stopped_by).toBe('target')
    expect(history.slice(0, -1)).toEqual(whole.history.slice(0, first))
  })

  it('keeps the weights that are best by the monitor of early stopping', async () => {
    const early = { ...EARLY, monitor: 'validation_loss' } as const
    const { history, bestEpoch } = await train({ learningRate: 0.3, stopping: { ...STOPPING, early } })
    const losses = history.map((row) => row.validation_loss)
    expect(bestEpoch).toBe(losses.indexOf(Math.min(...losses)) + 1)
  })

  it('says that a person ended it, in the row of the last whole epoch', async () => {
    const checkpointer: Partial<Checkpointer> = { afterStep: async ({ step }) => step === 14 } // in the third epoch of six steps
    const { history } = await train({}, 1, { checkpointer })
    expect(history.map((row) => row.stopped_by)).toEqual(['', 'finish'])
  })

  it('tells once, after fifty steps, that black images teach it nothing but the class shares', async () => {
    const told: unknown[] = []
    const callbacks = { onCollapse: (...each: unknown[]) => told.push(each) }
    const { history } = await train({ epochs: 10 }, 1, { callbacks, training: BLACK })
    // six steps an epoch
    expect(history.map((row) => row.collapsed)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
    // 45 images, 15 of each class: ln 3.
    expect(told).toEqual([[history[8], { loss: expect.closeTo(1.098612, 6), accuracy: 1 / 3, images: 45 }]])
    expect((await train()).history.every((row) => row.collapsed === 0)).toBe(true)
  })

  it('tells which class validation gives to all, where black images are what it is validated on', async () => {
    const told: OneAnswer[] = []
    const callbacks = { onOneAnswer: (_row: unknown, answer: OneAnswer) => told.push(answer) }
    await train({}, 1, { callbacks, validation: { ...validation, read: BLACK.read } })
    expect(told.at(-1)).toEqual({
      label: 'dark',
      taken: 21,
      images: 21,
      lag: { momentum: 0.9, steps: 6, oldShare: 0.9 ** 6 },
    })
    told.length = 0
    await train({}, 1, { callbacks })
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
    const { checkpointer, snapshot } = breakAfter(8) // in the second epoch of six steps
    await expect(train(params, 1, { augment, checkpointer })).rejects.toThrow('killed')
    const resumed = await train(params, 1, { augment, from: snapshot() })
    expect({ ...resumed, epochs: [] }).toEqual({ ...whole, epochs: [] })
    expect(whole.history).not.toEqual((await train(params)).history)
  })

  it('counts the epochs before an interruption, for the rules and for what was told', async () => {
    const converged = { monitor: 'accuracy', epochs: 10, tolerance: 1 } as const // any ten epochs
    const stopping = { ...STOPPING, converged }
    const { checkpointer, snapshot } = breakAfter(57) // in the tenth epoch of six steps
    await expect(train({ stopping }, 1, { training: BLACK, checkpointer })).rejects.toThrow('killed')
    const told: unknown[] = []
    const callbacks = { onCollapse: (...each: unknown[]) => told.push(each) }
    const { history } = await train({ stopping }, 1, { training: BLACK, callbacks, from: snapshot() })
    expect(history.map(({ collapsed, stopped_by }) => [collapsed, stopped_by])).toEqual([
      ...Array(8).fill([0, '']),
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
    const { checkpointer, snapshot } = breakAfter(8) // in the second epoch of six steps
    await expect(train(params, 1, { training: few, checkpointer })).rejects.toThrow('killed')
    const resumed = await train(params, 1, { training: few, from: snapshot() })
    expect({ ...resumed, epochs: [] }).toEqual({ ...whole, epochs: [] })
    expect(whole.history).not.toEqual((await train({ epochs: 3 }, 1, { training: few })).history)
  })

  it('compares a training of balanced batches with guessing among equally common classes', async () => {
    const told: unknown[] = []
    const callbacks = { onCollapse: (...each: unknown[]) => told.push(each) }
    const black = { ...BLACK, labels: training.labels.map((label, i) => (i < 30 ? 0 : label)) }
    await train({ epochs: 9, sampling: 'balanced' }, 1, { callbacks, training: black })
    // 45 rows, 15 of each class: ln 3.
    expect(told).toEqual([[expect.anything(), { loss: expect.closeTo(1.098612, 6), accuracy: 1 / 3, images: 45 }]])
  })

  it('keeps no tensors', async () => {
    await expectTensorsKept(0, () => train({ epochs: 1 }))
  })
})
