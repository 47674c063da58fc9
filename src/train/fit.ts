import { readBatches } from '../batches/batches.ts'
import type { HistoryRow } from '../scores/history.ts'
import type { Arrays } from './checkpoint.ts'
import { fromPart, toPart } from './checkpoint-arrays.ts'
import { endedBy, rowsOf, tellEpoch, withEpoch } from './epoch.ts'
import type { FitJob, FitState } from './job.ts'
import type { Snapshot } from './keeper.ts'
import { LossLog, NO_LOSSES } from './loss-log.ts'
import { judgeSchedule, learningRateAt, UNREDUCED } from './schedule.ts'
import { openSession, type Session } from './session.ts'
import { bestEpochOf } from './stopping.ts'

/** The weights of the best epoch, by name, and how it went. */
export interface FitResult {
  readonly weights: Arrays
  readonly history: readonly HistoryRow[]
  readonly bestEpoch: number
}

const BEGINNING: FitState = {
  epoch: 1,
  stepsDone: 0,
  totals: NO_LOSSES,
  history: [],
  bestEpoch: 0,
  schedule: UNREDUCED,
  over: false,
}

/**
 * Trains until the epochs are over or a rule of `stopping` ends it, and keeps the best epoch's weights.
 *
 * Goes on from the keeper's checkpoint, where there is one, and ends with the bytes of a run that was never interrupted.
 * Owns one copy of the weights and the optimizer's slots while it runs and nothing afterwards.
 *
 * @throws TrainingError when the loss is not finite.
 * @throws InterruptedError when a signal came; by then the checkpoint is written.
 */
export async function fit(job: FitJob): Promise<FitResult> {
  const session = openSession(job)
  try {
    let { state, best } = await resume(job, session)
    job.listener.onHistory?.(state.history)
    while (!state.over) {
      const trained = await trainEpoch(job, session, { state, best })
      if (trained.over) {
        state = trained
        break
      }
      state = await judge(job, session, trained)
      const isBest = state.bestEpoch === trained.epoch
      if (isBest) best = session.saveWeights()
      await job.keeper.afterEpoch(placeOf(job, state), () => snapshot(session, { state, best }), isBest)
    }
    await job.keeper.end(placeOf(job, state), { state, arrays: toPart('best', best) })
    return { weights: best, history: state.history, bestEpoch: state.bestEpoch }
  } finally {
    session.close()
  }
}

/** A training between two steps: where it is, and the weights of the best epoch so far. */
interface Progressed {
  readonly state: FitState
  readonly best: Arrays
}

async function resume({ keeper, weights }: FitJob, session: Session): Promise<Progressed> {
  const found = await keeper.restore()
  if (!found) return { state: BEGINNING, best: weights }
  if (!found.state.over) session.restore(fromPart('now', found.arrays))
  return { state: found.state, best: fromPart('best', found.arrays) }
}

/** Shows the training images that the epoch has not shown yet; gives the state after the last step. */
async function trainEpoch(job: FitJob, session: Session, { state, best }: Progressed): Promise<FitState> {
  const { training, params, listener, keeper } = job
  const { epoch } = state
  const rows = rowsOf(job, epoch)
  const stepsPerEpoch = stepsOf(job)
  const losses = new LossLog(state.totals)
  let { stepsDone } = state
  const remaining = rows.slice(stepsDone * params.batchSize)
  const reached = (): FitState => ({ ...state, stepsDone, totals: losses.read() })
  try {
    for await (const batch of readBatches(training, remaining, params.batchSize, listener.onWait)) {
      stepsDone++
      const step = (epoch - 1) * stepsPerEpoch + stepsDone
      const learningRate = learningRateAt(params, { step, stepsPerEpoch }, state.schedule)
      const values = session.step.take(batch, step, session.optimizer.numbers(step, learningRate))
      losses.add({ epoch, step, learningRate, images: batch.labels.length, values })
      listener.onStep(epoch, Math.min(stepsDone * params.batchSize, rows.length), losses.meanLoss)
      const finish = await keeper.afterStep({ epoch, step }, () => snapshot(session, { state: reached(), best }))
      if (finish && (state.bestEpoch > 0 || job.mayEndAtOnce)) {
        return { ...reached(), history: endedBy('finish', state.history), over: true }
      }
    }
    return reached()
  } finally {
    losses.dispose()
  }
}

/** Scores validation after the last step of an epoch; gives the state before the first step of the next. */
async function judge(job: FitJob, session: Session, state: FitState): Promise<FitState> {
  const { params } = job
  const { epoch, totals } = state
  const stepsPerEpoch = stepsOf(job)
  const lastStep = { step: epoch * stepsPerEpoch, stepsPerEpoch }
  const validated = await session.validate()
  const learningRate = learningRateAt(params, lastStep, state.schedule)
  const history = withEpoch(state.history, { epoch, totals, learningRate, validated }, job)
  tellEpoch(history, { validated, stepsPerEpoch }, job)
  return {
    epoch: epoch + 1,
    stepsDone: 0,
    totals: NO_LOSSES,
    history,
    bestEpoch: bestEpochOf(history, params.stopping),
    schedule: judgeSchedule(params.schedule, state.schedule, validated.loss),
    over: history.at(-1)?.stopped_by !== '',
  }
}

/** Steps of an epoch. */
export function stepsOf({ training, params }: Pick<FitJob, 'training' | 'params'>): number {
  return Math.ceil(training.count / params.batchSize)
}

/** The epoch that was begun last and the number of steps that were taken. */
function placeOf(job: FitJob, { epoch, stepsDone }: FitState) {
  return { epoch: stepsDone === 0 ? epoch - 1 : epoch, step: (epoch - 1) * stepsOf(job) + stepsDone }
}

function snapshot(session: Session, { state, best }: Progressed): Snapshot<FitState> {
  return { state, arrays: new Map([...toPart('now', session.save()), ...toPart('best', best)]) }
}
