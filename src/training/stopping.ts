/** What an epoch is judged by: validation accuracy, and validation loss where that is the same. */
export interface EpochScore {
  readonly accuracy: number
  readonly loss: number
}

/** How far early stopping is; plain data, so that it can be saved. */
export interface StoppingState {
  readonly best: EpochScore & { readonly epoch: number }
  /** Epochs since the best one. */
  readonly waited: number
}

/** Before the first epoch: anything but NaN is better. */
export const UNJUDGED: StoppingState = {
  best: { epoch: 0, accuracy: Number.NEGATIVE_INFINITY, loss: Number.POSITIVE_INFINITY },
  waited: 0,
}

/** The state after an epoch (from 1); an epoch is new best when `best.epoch` is that epoch. */
export function judgeEpoch(state: StoppingState, epoch: number, score: EpochScore): StoppingState {
  return isBetter(score, state.best) ? { best: { ...score, epoch }, waited: 0 } : { ...state, waited: state.waited + 1 }
}

/** So written that NaN never wins. */
function isBetter(score: EpochScore, best: EpochScore): boolean {
  return score.accuracy > best.accuracy || (score.accuracy === best.accuracy && score.loss < best.loss)
}
