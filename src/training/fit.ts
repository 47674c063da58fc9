import type { Tensor1D } from '@tensorflow/tfjs-core'
import type { TrainParams } from '../config/schema.ts'
import { TrainingError } from '../core/errors.ts'
import { seededRng } from '../core/random.ts'
import { type Examples, epochRows, readBatches } from '../dataset/batches.ts'
import type { PartMetrics } from '../evaluation/metrics.ts'
import { scoreValidation } from '../evaluation/predict.ts'
import { openLiveInference } from '../tensorflow/inference.ts'
import type { LayerGraph } from '../tensorflow/layer-graph.ts'
import type { Optimizer } from '../tensorflow/optimizer.ts'
import { openOptimizer } from '../tensorflow/optimizers.ts'
import { createVariables, disposeVariable, saveVariable, type Variable } from '../tensorflow/variables.ts'
import { classWeightsOf } from './class-weights.ts'
import type { HistoryRow } from './history.ts'
import { judgeSchedule, learningRateAt, type ScheduleState, UNREDUCED } from './schedule.ts'
import { openStep, type TrainingStep } from './step.ts'
import { judgeEpoch, type StoppingState, UNJUDGED } from './stopping.ts'

/** What is trained on what. */
export interface FitJob {
  readonly graph: LayerGraph
  /** Where the weights start, by name. */
  readonly weights: ReadonlyMap<string, Float32Array>
  readonly training: Examples
  readonly validation: Examples
  readonly classes: readonly string[]
  readonly params: TrainParams
  readonly seed: number
  readonly listener: FitListener
}

/** Whoever wants to hear how training goes. */
export interface FitListener {
  /** After each step: epoch from 1, pictures shown in it so far, and the mean loss up to the last reading. */
  onStep(epoch: number, pictures: number, loss: number): void
  onEpoch(row: HistoryRow): void
}

/** The weights of the best epoch, by name, and how it went. */
export interface FitResult {
  readonly weights: ReadonlyMap<string, Float32Array>
  readonly history: readonly HistoryRow[]
  readonly bestEpoch: number
}

/** Losses are gathered on the device and read together every so many steps. */
const READ_EVERY_STEPS = 16

/**
 * Trains until the epochs are over or validation has not improved for `patience` epochs, and keeps the best epoch's weights.
 *
 * Owns one copy of the weights and the optimizer's slots while it runs and nothing afterwards.
 *
 * @throws TrainingError when the loss is not finite.
 */
export async function fit(job: FitJob): Promise<FitResult> {
  const session = openSession(job)
  try {
    const history: HistoryRow[] = []
    let stopping: StoppingState = UNJUDGED
    let schedule: ScheduleState = UNREDUCED
    let weights = job.weights
    for (let epoch = 1; epoch <= job.params.epochs && stopping.waited < job.params.patience; epoch++) {
      const trained = await trainEpoch(job, session, epoch, schedule)
      const validated = await session.validate()
      const row = historyRow(epoch, trained, validated)
      history.push(row)
      job.listener.onEpoch(row)
      stopping = judgeEpoch(stopping, epoch, validated)
      schedule = judgeSchedule(job.params.schedule, schedule, validated.loss)
      if (stopping.best.epoch === epoch) weights = session.save()
    }
    return { weights, history, bestEpoch: stopping.best.epoch }
  } finally {
    session.close()
  }
}

/** What lives on the device while a network is trained. */
interface Session {
  readonly optimizer: Optimizer
  readonly step: TrainingStep
  validate(): Promise<PartMetrics>
  save(): Map<string, Float32Array>
  close(): void
}

function openSession({ graph, weights, training, validation, classes, params, seed }: FitJob): Session {
  const variables = createVariables(graph, weights)
  const specs = graph.flatMap((layer) => layer.weights)
  const trainable = specs.filter((spec) => spec.trainable).map((spec) => variables.get(spec.name) as Variable)
  const optimizer = openOptimizer(params, trainable)
  const { inputShape } = training
  const { engine, l2 } = params
  const labels = training.labels.subarray(0, training.count)
  const loss = { ...params, classWeights: classWeightsOf(params.classWeights, labels, classes.length) }
  const step = openStep({
    graph,
    variables,
    trainable,
    optimizer,
    inputShape,
    loss,
    l2,
    seed,
    engine,
  })
  const shown = new Map([...variables, ...optimizer.averages])
  const inference = openLiveInference(graph, shown, { inputShape, engine })
  return {
    optimizer,
    step,
    validate: () => scoreValidation(inference, { examples: validation, classes, batchSize: params.batchSize }),
    save: () => new Map([...shown].map(([name, variable]) => [name, saveVariable(variable)])),
    close: () => {
      step.dispose()
      inference.dispose()
      for (const variable of [...variables.values(), ...optimizer.slots]) disposeVariable(variable)
    },
  }
}

/** What the history says of an epoch of training; the learning rate is that of its last step. */
type TrainedEpoch = Pick<HistoryRow, 'loss' | 'accuracy' | 'learning_rate'>

/** Shows every training picture once. */
async function trainEpoch(
  job: FitJob,
  session: Session,
  epoch: number,
  schedule: ScheduleState,
): Promise<TrainedEpoch> {
  const { training, params } = job
  const rows = epochRows(training, epoch - 1, seededRng(job.seed, 'order', epoch))
  const losses = new LossReader()
  const stepsPerEpoch = Math.ceil(rows.length / params.batchSize)
  let step = (epoch - 1) * stepsPerEpoch
  let learningRate = params.learningRate
  for await (const batch of readBatches(training, rows, params.batchSize)) {
    step++
    learningRate = learningRateAt(params, { step, stepsPerEpoch }, schedule)
    const numbers = session.optimizer.numbers(step, learningRate)
    const values = session.step.take(batch, step, numbers)
    losses.add({ epoch, step, learningRate, images: batch.labels.length, values })
    job.listener.onStep(epoch, losses.images, losses.meanLoss)
  }
  losses.read()
  return { loss: losses.meanLoss, accuracy: losses.accuracy, learning_rate: learningRate }
}

interface PendingLoss {
  readonly epoch: number
  readonly step: number
  readonly learningRate: number
  readonly images: number
  /** `[2]`: mean loss, right answers. */
  readonly values: Tensor1D
}

/** Adds up losses and right answers, reading the device now and then; a loss that is not finite is told with its step. */
class LossReader {
  images = 0
  #read = 0
  #loss = 0
  #correct = 0
  #pending: PendingLoss[] = []

  add(loss: PendingLoss): void {
    this.images += loss.images
    this.#pending.push(loss)
    if (this.#pending.length >= READ_EVERY_STEPS) this.read()
  }

  read(): void {
    const pending = this.#pending
    this.#pending = []
    const values = pending.map((loss) => loss.values.dataSync())
    for (const loss of pending) loss.values.dispose()
    pending.forEach(({ epoch, step, learningRate, images }, i) => {
      const [loss = Number.NaN, correct = 0] = values[i] ?? []
      if (!Number.isFinite(loss)) throw notFinite(loss, { epoch, step, learningRate })
      this.#read += images
      this.#loss += loss * images
      this.#correct += correct
    })
  }

  /** Mean over the pictures that were read so far. */
  get meanLoss(): number {
    return this.#loss / this.#read
  }

  get accuracy(): number {
    return this.#correct / this.#read
  }
}

function notFinite(
  loss: number,
  { epoch, step, learningRate }: Pick<PendingLoss, 'epoch' | 'step' | 'learningRate'>,
): TrainingError {
  return new TrainingError(
    `Expected a finite training loss, received ${loss} at step ${step} (epoch ${epoch}, learning rate ${learningRate}). Lower train.learningRate, or look for broken pictures in the contact sheet.`,
  )
}

function historyRow(epoch: number, trained: TrainedEpoch, validated: PartMetrics): HistoryRow {
  return {
    epoch,
    ...trained,
    validation_loss: validated.loss,
    validation_accuracy: validated.accuracy,
    validation_macro_f1: validated.macro_f1,
  }
}
