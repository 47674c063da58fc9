import type { Examples } from '../batches/batches.ts'
import type { HistoryRow, PhaseName } from '../scores/history.ts'
import type { LayerGraph } from '../tensorflow/graph.ts'
import type { Arrays } from './checkpoint.ts'
import type { Keeper } from './keeper.ts'
import type { LossTotals } from './loss-log.ts'
import type { OneAnswer } from './one-answer.ts'
import type { OnlineAugment } from './online.ts'
import type { TrainParams } from './params.ts'
import type { ClassPrior } from './prior.ts'
import type { ScheduleState } from './schedule.ts'

/** What is trained on what. */
export interface FitJob {
  readonly phase: PhaseName
  readonly graph: LayerGraph
  /** Where the weights start, by name. */
  readonly weights: Arrays
  readonly training: Examples
  readonly validation: Examples
  readonly classes: readonly string[]
  readonly params: TrainParams
  /** What is drawn anew for the images of each step; features have none. */
  readonly augment?: OnlineAugment | undefined
  readonly seed: number
  readonly listener: FitListener
  readonly keeper: Keeper<FitState>
  /** Whether somebody may end it before its first epoch is over, since there are weights of a phase before. */
  readonly mayEndAtOnce?: boolean
}

/** Whoever wants to hear how training goes. */
export interface FitListener {
  /** After each step: epoch from 1, images shown in it so far, and the mean loss up to the last reading. */
  onStep(epoch: number, images: number, loss: number): void
  onEpoch(row: HistoryRow): void
  /** All epochs of the phase so far: when it begins or goes on, and after each. */
  onHistory?(history: readonly HistoryRow[]): void
  /** After an epoch that is no better than guessing, where the one before it was better or too early to tell. */
  onCollapse?(row: HistoryRow, prior: ClassPrior): void
  /** After each epoch that gives nearly all validation images one class, though it has learned the training images. */
  onOneAnswer?(row: HistoryRow, answer: OneAnswer): void
  /** Before each step: for how long it had to wait for its batch. */
  onWait?(milliseconds: number): void
}

/** Where a training is; plain data, so that it can be saved. */
export interface FitState {
  /** The epoch that training is in, from 1. */
  readonly epoch: number
  /** Steps that were taken in it, and what they added up to. */
  readonly stepsDone: number
  readonly totals: LossTotals
  /** All that the stopping rules go by. */
  readonly history: readonly HistoryRow[]
  /** The epoch whose weights are kept so far; 0: none. */
  readonly bestEpoch: number
  readonly schedule: ScheduleState
  /** No step follows: the last row of the history says why. */
  readonly over: boolean
}
