import { readBatches } from '../batches/batches.ts'
import { isOver, type Position, type Snapshot, type TrainingState } from './checkpoint.ts'
import type { Checkpointer } from './checkpointer.ts'
import { endedBy, ofPhase, reportEpoch, rowsOf, type TrainingCallbacks, withEpoch } from './epoch.ts'
import { LossLog, NO_LOSSES } from './loss-log.ts'
import { learningRateAt, scheduleAfter, UNREDUCED } from './schedule.ts'
import { openSession, type Session, type TrainingJob } from './session.ts'
import { bestEpochOf } from './stopping.ts'

interface FitOptions {
  readonly checkpointer: Checkpointer
  readonly callbacks: TrainingCallbacks
}

/** The beginning of a phase, after the epochs of those before it, with the best weights so far. */
export function startPhase({ phase, weights }: TrainingJob, before?: Snapshot): Snapshot {
  const history = before?.state.history ?? []
  const state = { phase, stepsDone: 0, totals: NO_LOSSES, schedule: UNREDUCED, history }
  return { state, now: new Map(), best: before?.best ?? weights }
}

/**
 * Trains one phase until its epochs are over or a rule of `stopping` ends it; gives the history and the best weights.
 *
 * From the snapshot of an interrupted training it ends with the bytes of one that was never interrupted. Owns one copy of the
 * weights and the optimizer's slots while it runs and none afterwards.
 *
 * @throws TrainingError when the loss is not finite.
 * @throws InterruptedError after a signal; the checkpoint is written by then.
 */
export async function fit(job: TrainingJob, from: Snapshot, options: FitOptions): Promise<Snapshot> {
  const { checkpointer, callbacks } = options
  const session = openSession(job)
  try {
    if (from.now.size > 0) session.restore(from.now)
    callbacks.onHistory?.(from.state.history)
    let { state, best } = from
    while (!isOver(state)) {
      state = await trainEpoch(job, session, { state, best }, options)
      if (isOver(state)) break
      state = await validateEpoch(job, session, state, callbacks)
      const isBest = bestEpochOf(state.history, job.params.stopping) === state.history.length
      if (isBest) best = session.saveWeights()
      const reached = { state, best }
      await checkpointer.afterEpoch(positionOf(job, state), () => ({ ...reached, now: session.save() }), isBest)
    }
    return { state, now: new Map(), best }
  } finally {
    session.close()
  }
}

/** Steps of an epoch. */
export function stepsPerEpoch({ training, params }: Pick<TrainingJob, 'training' | 'params'>): number {
  return Math.ceil(training.count / params.batchSize)
}

/** The epoch that was begun last and the number of steps that were taken, over all phases. */
export function positionOf(job: TrainingJob, { history, stepsDone }: TrainingState): Position {
  const epochs = history.length
  return { epoch: stepsDone === 0 ? epochs : epochs + 1, step: epochs * stepsPerEpoch(job) + stepsDone }
}

/** Trains on the images that the epoch has not shown yet; gives the state after the last step. */
async function trainEpoch(
  job: TrainingJob,
  session: Session,
  { state, best }: Pick<Snapshot, 'state' | 'best'>,
  { checkpointer, callbacks }: FitOptions,
): Promise<TrainingState> {
  const { training, params } = job
  const { batchSize } = params
  const epoch = epochInPhase(state)
  const rows = rowsOf(job, epoch)
  const steps = stepsPerEpoch(job)
  using losses = new LossLog(state.totals)
  let { stepsDone } = state
  const reached = (): TrainingState => ({ ...state, stepsDone, totals: losses.read() })
  for await (const batch of readBatches(training, rows.slice(stepsDone * batchSize), batchSize, callbacks.onWait)) {
    stepsDone++
    const step = (epoch - 1) * steps + stepsDone
    const learningRate = learningRateAt(params, { step, stepsPerEpoch: steps }, state.schedule)
    const values = session.step.take(batch, step, session.optimizer.numbers(step, learningRate))
    losses.add({ epoch, step, learningRate, images: batch.labels.length, values })
    callbacks.onStep(epoch, Math.min(stepsDone * batchSize, rows.length), losses.meanLoss)
    const position = positionOf(job, { ...state, stepsDone })
    const finish = await checkpointer.afterStep(position, () => ({ state: reached(), best, now: session.save() }))
    if (finish && bestEpochOf(state.history, params.stopping) > 0) {
      return { ...reached(), history: endedBy('finish', state.history) }
    }
  }
  return reached()
}

/** Scores validation after the last step of an epoch; gives the state before the first step of the next. */
async function validateEpoch(
  job: TrainingJob,
  session: Session,
  state: TrainingState,
  callbacks: TrainingCallbacks,
): Promise<TrainingState> {
  const { params } = job
  const steps = stepsPerEpoch(job)
  const epoch = epochInPhase(state)
  const validated = await session.validate()
  const learningRate = learningRateAt(params, { step: epoch * steps, stepsPerEpoch: steps }, state.schedule)
  const history = withEpoch(state, { learningRate, validated }, job)
  reportEpoch(history, { validated, stepsPerEpoch: steps }, job, callbacks)
  const schedule = scheduleAfter(params.schedule, state.schedule, validated.loss)
  return { ...state, stepsDone: 0, totals: NO_LOSSES, history, schedule }
}

/** The number, from 1, of the epoch that a phase is in. */
function epochInPhase({ phase, history }: TrainingState): number {
  return ofPhase(history, phase).length + 1
}
