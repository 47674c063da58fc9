import type { TrainParams } from './params.ts'

/** The state of `plateau`; plain data. The other schedules follow from the step alone. */
export interface ScheduleState {
  /** The lowest validation loss so far; null before the first epoch. */
  readonly best: number | null
  /** Epochs since then or since the last reduction. */
  readonly waited: number
  /** The factor of the learning rate. */
  readonly scale: number
}

/** Before the first epoch. */
export const UNREDUCED: ScheduleState = { best: null, waited: 0, scale: 1 }

type Schedule = TrainParams['schedule']

/**
 * The learning rate of a step, counted from 1 over all epochs of the phase.
 *
 * As in Keras, whose steps count from 0: the first step of a warm-up has the rate 0. `cosine` is
 * CosineDecay, `step` ExponentialDecay with a staircase, `plateau` ReduceLROnPlateau.
 * Source: keras/src/optimizers/schedules/learning_rate_schedule.py.
 */
export function learningRateAt(
  { learningRate, schedule, epochs }: Pick<TrainParams, 'learningRate' | 'schedule' | 'epochs'>,
  { step, stepsPerEpoch }: { readonly step: number; readonly stepsPerEpoch: number },
  { scale }: ScheduleState,
): number {
  const epoch = (step - 1) / stepsPerEpoch // from 0, in fractions
  switch (schedule.kind) {
    case 'constant':
      return learningRate
    case 'step':
      return learningRate * schedule.factor ** Math.floor(epoch / schedule.everyEpochs)
    case 'cosine':
      return learningRate * warmCosine(epoch, schedule.warmUpEpochs, epochs)
    case 'plateau':
      return learningRate * scale
  }
}

/**
 * The state after an epoch: the scale falls when the validation loss has not fallen for `patience` epochs; NaN is never a fall.
 *
 * Source: keras/src/callbacks/reduce_lr_on_plateau.py with min_delta, cooldown and min_lr of 0.
 */
export function scheduleAfter(schedule: Schedule, state: ScheduleState, validationLoss: number): ScheduleState {
  if (schedule.kind !== 'plateau') return state
  if (validationLoss < (state.best ?? Number.POSITIVE_INFINITY)) return { ...state, best: validationLoss, waited: 0 }
  const waited = state.waited + 1
  if (waited < schedule.patience) return { ...state, waited }
  return { ...state, waited: 0, scale: state.scale * schedule.factor }
}

/** Rises from 0 to 1 in a straight line, and falls back to 0 along half a cosine. */
function warmCosine(epoch: number, warmUpEpochs: number, epochs: number): number {
  if (epoch < warmUpEpochs) return epoch / warmUpEpochs
  return 0.5 * (1 + Math.cos((Math.PI * (epoch - warmUpEpochs)) / (epochs - warmUpEpochs)))
}
