import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { messageOf } from '../core/errors.ts'
import { exists } from '../core/files.ts'
import {
  type Arrays,
  BEST_FILE,
  listCheckpoints,
  readNewestCheckpoint,
  removeCutOff,
  writeBestCheckpoint,
  writeCheckpoint,
} from './checkpoint.ts'
import { InterruptedError, type Interruption } from './interruption.ts'
import type { CheckpointParams } from './params.ts'

/** Where a training is, and all that its next step depends on. */
export interface Snapshot<State> {
  readonly state: State
  readonly arrays: Arrays
}

/** Place of a snapshot: the epoch from 1, and the step from 1 over all epochs. */
export interface Place {
  readonly epoch: number
  readonly step: number
}

/** Keeps checkpoints of one run and stops it when it is told to. */
export interface Keeper<State> {
  /** Begins or goes on: the newest checkpoint of this run, if there is one that is whole. */
  restore(): Promise<Snapshot<State> | undefined>
  /** Whether somebody wants the training to end with what it has. @throws InterruptedError after saving, when a signal came. */
  afterStep(place: Place, capture: () => Snapshot<State>): Promise<boolean>
  afterEpoch(place: Place, capture: () => Snapshot<State>, isBest: boolean): Promise<void>
  /** Keeps the final state alone, for whoever is interrupted while the model is saved. */
  end(place: Place, snapshot: Snapshot<State>): Promise<void>
  /** Removes all checkpoints: the result is saved, and a run that is asked for again trains again. */
  clear(): Promise<void>
}

/** What a keeper works with. */
export interface KeeperOptions {
  readonly folder: string
  readonly key: string
  readonly params: CheckpointParams
  readonly interruption: Interruption
  readonly clock: () => number
  readonly warn: (message: string) => void
}

const FINISH_FILE = 'finish'

/** A keeper of checkpoints in a folder; `State` must be plain data. */
export function openKeeper<State>({ folder, key, params, interruption, clock, warn }: KeeperOptions): Keeper<State> {
  let lastMs = clock()
  let lastEpoch = 0
  /** A disk that is full must not end a training that goes well: the checkpoint before stays, and somebody is told. */
  const saved = async (name: string, writing: Promise<void>): Promise<boolean> => {
    try {
      await writing
      return true
    } catch (error) {
      warn(`${name} could not be written: ${messageOf(error)}. The one before it stays.`)
      return false
    }
  }
  const write = async (place: Place, snapshot: Snapshot<State>): Promise<boolean> => {
    lastMs = clock()
    return saved(`the checkpoint of step ${place.step}`, writeCheckpoint(folder, { key, ...snapshot }, place))
  }
  return {
    restore: async () => {
      // The folder says that there is a training; where it cannot be made, no checkpoint can be written, and that is told.
      await mkdir(folder, { recursive: true }).catch(() => {})
      await removeCutOff(folder)
      const found = await readNewestCheckpoint(folder, key, warn)
      return found as Snapshot<State> | undefined
    },
    afterStep: async (place, capture) => {
      await setImmediate() // so that signals come through
      const signal = interruption.requested()
      if (signal !== undefined) throw interrupted(signal, place, await write(place, capture()))
      if (clock() - lastMs >= params.everyMinutes * 60_000) await write(place, capture())
      return exists(join(folder, FINISH_FILE))
    },
    afterEpoch: async (place, capture, isBest) => {
      if (place.epoch - lastEpoch >= params.everyEpochs) {
        lastEpoch = place.epoch
        await write(place, capture())
      }
      if (isBest) await saved('the checkpoint of the best epoch', writeBestCheckpoint(folder, { key, ...capture() }))
    },
    end: async (place, snapshot) => {
      const before = await listCheckpoints(folder)
      if (!(await write(place, snapshot))) return
      const newest = (await listCheckpoints(folder))[0]
      const old = [...before, BEST_FILE, FINISH_FILE].filter((file) => file !== newest)
      await Promise.all(old.map((file) => rm(join(folder, file), { force: true })))
    },
    clear: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Asks the training whose checkpoints lie in a folder to end with the best weights it has. Gives whether there is one. */
export async function requestFinish(folder: string): Promise<boolean> {
  try {
    await writeFile(join(folder, FINISH_FILE), '') // makes no folder, else a training that begins later would end
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

function interrupted(signal: NodeJS.Signals, { epoch, step }: Place, saved: boolean): InterruptedError {
  const outcome = saved
    ? 'Run the same command again and it goes on from there'
    : 'The checkpoint could not be written; the next run goes on from the one before'
  return new InterruptedError(`${signal} in epoch ${epoch}, after step ${step}. ${outcome}.`, signal)
}
