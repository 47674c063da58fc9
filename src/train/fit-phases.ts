import type { HistoryRow, PhaseName } from '../scores/history.ts'
import { type LayerGraph, setWeights } from '../tensorflow/graph.ts'
import type { tf } from '../tensorflow/raw.ts'
import type { Arrays } from './checkpoint.ts'
import { fromPart, toPart } from './checkpoint-arrays.ts'
import { endedBy } from './epoch.ts'
import { type FitResult, stepsOf } from './fit.ts'
import type { FitJob, FitState } from './job.ts'
import type { Keeper, Place, Snapshot } from './keeper.ts'
import type { TrainParams } from './params.ts'
import type { Phase } from './phases.ts'
import { bestOfRun, historyOfRun, isFinished, type RunState } from './run-state.ts'

/** What the phases of a run have in common. */
export interface PhasesJob {
  readonly model: tf.LayersModel
  readonly keeper: Keeper<RunState>
  /** Trains one phase, after the epochs of those before it. */
  fitPhase(job: PhaseJob, earlier: readonly HistoryRow[]): Promise<FitResult>
}

/** What differs between phases. */
export type PhaseJob = Omit<FitJob, 'classes' | 'seed' | 'listener'>

/** How a run went; the model has the weights of its best epoch. */
export interface PhasesResult {
  readonly history: readonly HistoryRow[]
  /** From 1 over all phases; 0 when there is none. */
  readonly bestEpoch: number
  /** What the last phase trained. */
  readonly graph: LayerGraph
}

/**
 * Trains phase by phase, each from the best weights of all before it.
 *
 * A phase stops by itself, but the best epoch is that of all phases: the head alone may have been better. Goes on from the
 * keeper's checkpoint in the phase that it was written in.
 *
 * @throws whatever `fit` throws.
 */
export async function fitPhases(
  phases: readonly Phase[],
  { model, keeper, fitPhase }: PhasesJob,
): Promise<PhasesResult> {
  let found = await keeper.restore()
  let past = pastOf(found)
  for (const phase of remaining(phases, found?.state)) {
    setWeights(model, past.weights)
    const parts = await phase.open()
    const { name, params } = phase
    const place = { past, stepsPerEpoch: stepsOf({ ...parts, params }), isLast: phase === phases.at(-1) }
    const keeperHere = keeperOfPhase(keeper, found, { ...place, name })
    const job = { ...parts, phase: name, params, keeper: keeperHere, mayEndAtOnce: past.history.length > 0 }
    const result = await fitPhase(job, past.history)
    past = { ...pastAfter(past, result, params), graph: parts.graph }
    found = undefined
    if (isFinished(result.history)) break
  }
  setWeights(model, past.weights)
  return past
}

/** The phases that are over. */
interface Past extends PhasesResult {
  /** Those of the best epoch, by name, as far as they were trained. */
  readonly weights: Arrays
}

/** The phases that were over when a checkpoint was written; none without one. */
function pastOf(found: Snapshot<RunState> | undefined): Past {
  const weights = fromPart('earlier', found?.arrays ?? new Map())
  return { history: found?.state.earlier ?? [], weights, bestEpoch: 0, graph: [] }
}

function pastAfter(past: Past, { history, weights }: FitResult, { stopping }: TrainParams): Omit<Past, 'graph'> {
  const epochs = { earlier: past.history, fit: { history } }
  const best = bestOfRun(epochs, stopping)
  const joined = historyOfRun(epochs)
  return {
    history: isFinished(history) ? endedBy('finish', joined) : joined,
    bestEpoch: best.epoch,
    weights: best.part === 'best' ? weights : past.weights,
  }
}

function remaining(phases: readonly Phase[], state: RunState | undefined): readonly Phase[] {
  return phases.slice(
    Math.max(
      0,
      phases.findIndex(({ name }) => name === state?.phase),
    ),
  )
}

/** Where a phase stands in its run. */
interface PhasePlace {
  readonly name: PhaseName
  readonly past: Past
  readonly stepsPerEpoch: number
  readonly isLast: boolean
}

/**
 * The keeper of a run as a phase sees it: epochs and steps go on counting where those before it end.
 *
 * The end of a phase that another follows is not kept apart: its last checkpoint leads there again.
 *
 * @param found a checkpoint of this phase
 */
function keeperOfPhase(
  keeper: Keeper<RunState>,
  found: Snapshot<RunState> | undefined,
  { name, past, stepsPerEpoch, isLast }: PhasePlace,
): Keeper<FitState> {
  const placed = ({ epoch, step }: Place): Place => ({
    epoch: epoch + past.history.length,
    step: step + past.history.length * stepsPerEpoch,
  })
  const whole = ({ state, arrays }: Snapshot<FitState>): Snapshot<RunState> => ({
    state: { phase: name, earlier: past.history, fit: state },
    arrays: new Map([...arrays, ...toPart('earlier', past.weights)]),
  })
  return {
    restore: async () => found && { state: found.state.fit, arrays: found.arrays },
    afterStep: (place, capture) => keeper.afterStep(placed(place), () => whole(capture())),
    afterEpoch: (place, capture, isBest) => keeper.afterEpoch(placed(place), () => whole(capture()), isBest),
    end: async (place, snapshot) => {
      if (isLast || isFinished(snapshot.state.history)) await keeper.end(placed(place), whole(snapshot))
    },
    clear: keeper.clear,
  }
}
