import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { DataError, messageOf } from '../core/errors.ts'
import { exists } from '../core/files.ts'
import {
  BEST_FILE,
  listCheckpoints,
  type Position,
  readNewestCheckpoint,
  removePartialCheckpoints,
  type Snapshot,
  writeBestCheckpoint,
  writeCheckpoint,
} from './checkpoint.ts'
import { checkpointFolder, checkpointKey, incompatibleCheckpointFolders } from './checkpoint-key.ts'
import { InterruptedError, type Interruption, openInterruption } from './interruption.ts'
import type { CheckpointParams, Configuration } from './params.ts'

/** Writes the checkpoints of one training, and stops it on a signal or a request. */
export interface Checkpointer {
  /** The newest intact checkpoint of this training; undefined if it begins. */
  restore(): Promise<Snapshot | undefined>
  /** Gives whether `npm run finish` asked for the end. @throws InterruptedError after a signal; the checkpoint is written by then. */
  afterStep(position: Position, capture: () => Snapshot): Promise<boolean>
  afterEpoch(position: Position, capture: () => Snapshot, isBest: boolean): Promise<void>
  /** Leaves the final snapshot alone, in case the process is interrupted while the model is saved. */
  end(position: Position, snapshot: Snapshot): Promise<void>
  /** Removes all checkpoints once the result is saved: the same training asked for again starts over. */
  clear(): Promise<void>
}

/** The checkpointer of a configuration's training; listens for signals from now on. */
export async function openCheckpointer(configuration: Configuration): Promise<Checkpointer> {
  const interruption = openInterruption()
  const key = await checkpointKey(configuration)
  return createCheckpointer({
    folder: checkpointFolder(configuration, key),
    key,
    params: configuration.checkpoint,
    interruption,
    clock: () => performance.now(),
    warn: (message) => console.error(`train@${configuration.name}: ${message}`),
  })
}

/** Warns about checkpoints that can only be continued elsewhere: here the result would match neither machine's. */
async function warnAboutIncompatible(folder: string, warn: (message: string) => void): Promise<void> {
  for (const other of await incompatibleCheckpointFolders(folder)) {
    const [newest] = await listCheckpoints(other)
    if (newest === undefined) continue
    warn(
      `found ${join(other, newest)}, of this training with another kind of processor or GPU, another version of TensorFlow or another number of threads. It is left alone, since results would differ in their last bits, and the training starts over.`,
    )
  }
}

/** What a checkpointer works with. */
export interface CheckpointerOptions {
  readonly folder: string
  readonly key: string
  readonly params: CheckpointParams
  readonly interruption: Interruption
  /** In milliseconds. */
  readonly clock: () => number
  readonly warn: (message: string) => void
}

const FINISH_FILE = 'finish'

/** A checkpointer of a folder. A failed checkpoint write only warns; the previous checkpoint is kept. */
export function createCheckpointer(options: CheckpointerOptions): Checkpointer {
  const { folder, key, params, interruption, clock, warn } = options
  let lastMs = clock()
  let lastEpoch = 0
  const attempt = async (name: string, writing: Promise<void>): Promise<boolean> => {
    try {
      await writing
      return true
    } catch (error) {
      warn(`${name} could not be written: ${messageOf(error)}. The previous one is kept.`)
      return false
    }
  }
  const write = async (position: Position, snapshot: Snapshot): Promise<boolean> => {
    lastMs = clock()
    return attempt(`the checkpoint of step ${position.step}`, writeCheckpoint(folder, position, key, snapshot))
  }
  return {
    restore: async () => {
      // The folder shows that a training exists. If it cannot be made, no checkpoint can be written, which warns.
      await mkdir(folder, { recursive: true }).catch(() => {})
      await removePartialCheckpoints(folder)
      const newest = await readNewestCheckpoint(folder, key, warn)
      if (newest === undefined) await warnAboutIncompatible(folder, warn)
      return newest
    },
    afterStep: async (position, capture) => {
      await setImmediate() // lets signals through
      const signal = interruption.requested()
      if (signal !== undefined) throw interrupted(signal, position, await write(position, capture()))
      if (clock() - lastMs >= params.everyMinutes * 60_000) await write(position, capture())
      return exists(join(folder, FINISH_FILE))
    },
    afterEpoch: async (position, capture, isBest) => {
      if (position.epoch - lastEpoch >= params.everyEpochs) {
        lastEpoch = position.epoch
        await write(position, capture())
      }
      if (isBest) await attempt('the checkpoint of the best epoch', writeBestCheckpoint(folder, key, capture()))
    },
    end: async (position, snapshot) => {
      if (!(await write(position, snapshot))) return
      const [, ...older] = await listCheckpoints(folder)
      await Promise.all([...older, BEST_FILE, FINISH_FILE].map((file) => rm(join(folder, file), { force: true })))
    },
    clear: () => rm(folder, { recursive: true, force: true }),
  }
}

/**
 * Asks the training of a configuration, running or interrupted, to end with the best weights it has.
 *
 * @throws DataError when there is none.
 */
export async function requestFinish(configuration: Configuration): Promise<void> {
  const folder = checkpointFolder(configuration, await checkpointKey(configuration))
  if (await requestFinishIn(folder)) return
  const { name } = configuration
  throw new DataError(
    `Expected a running or interrupted training of ${name}, received none with these parameters, images and code, on this kind of processor and with these threads. Start one: npm run train -- --config ${name}.`,
  )
}

/** Asks the training with checkpoints in a folder to end. Gives whether there is one. */
export async function requestFinishIn(folder: string): Promise<boolean> {
  try {
    await writeFile(join(folder, FINISH_FILE), '') // makes no folder, which would end a training that begins later
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

function interrupted(signal: NodeJS.Signals, { epoch, step }: Position, saved: boolean): InterruptedError {
  const outcome = saved
    ? 'Run the same command again to continue from there'
    : 'The checkpoint could not be written; the next run continues from the previous one'
  return new InterruptedError(`${signal} in epoch ${epoch}, after step ${step}. ${outcome}.`, signal)
}
