import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { DataError, messageOf } from '../core/errors.ts'
import { TEMPORARY_SUFFIX, writeFileAtomically } from '../core/files.ts'
import type { HistoryRow, PhaseName } from '../scores/history.ts'
import type { LossTotals } from './loss-log.ts'
import type { ScheduleState } from './schedule.ts'

/** Arrays by name: weights, slots. */
export type Arrays = ReadonlyMap<string, Float32Array>

/** How far a training has come; plain data. */
export interface TrainingState {
  /** The phase that it is in. */
  readonly phase: PhaseName
  /** The epochs of all phases so far; the stopping rules need nothing else. */
  readonly history: readonly HistoryRow[]
  /** Steps taken in the current epoch, and what they add up to. */
  readonly stepsDone: number
  readonly totals: LossTotals
  readonly schedule: ScheduleState
}

/** A training between two steps. */
export interface Snapshot {
  readonly state: TrainingState
  /** Everything that the next step depends on, by name; empty where a phase begins, and at the end. */
  readonly now: Arrays
  /** The weights of the best epoch so far, by name; before there is one, those that training began with. */
  readonly best: Arrays
}

/** Whether the phase is over: the last row of the history says why. */
export function isOver({ phase, history }: TrainingState): boolean {
  const last = history.at(-1)
  return last?.stopped_by === 'finish' || (last?.phase === phase && last.stopped_by !== '')
}

/** Whether `npm run finish` ended the training, in whatever phase. */
export function isFinished({ history }: Pick<TrainingState, 'history'>): boolean {
  return history.at(-1)?.stopped_by === 'finish'
}

/** The weights that a model would be saved with at that moment: averages, where `ema` keeps them. */
export function weightsNow({ now }: Snapshot): Map<string, Float32Array> {
  return new Map([...now].map(([name, values]) => [name, now.get(`${name}/average`) ?? values]))
}

const MAGIC = Buffer.from('paddock checkpoint 4\n')
const DIGEST_BYTES = 32
const LENGTH_BYTES = 4

/** What stands before the arrays: the name and length of each, in the order in which they follow. */
interface Header {
  readonly key: string
  readonly state: TrainingState
  readonly now: ReadonlyMap<string, number>
  readonly best: ReadonlyMap<string, number>
}

/**
 * A checkpoint in pieces, to be written one after the other: a line that names the format, the header as V8 serializes it behind
 * its length (uint32), the arrays (float32, little-endian), and the SHA-256 of all that. The arrays are not copied.
 *
 * @param key identifies the training that it belongs to
 */
export function encodeCheckpoint(key: string, { state, now, best }: Snapshot): Uint8Array[] {
  const header = serialize({ key, state, now: lengthsOf(now), best: lengthsOf(best) } satisfies Header)
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32LE(header.length)
  const arrays = [...now.values(), ...best.values()]
  const content = [
    MAGIC,
    length,
    header,
    ...arrays.map((each) => new Uint8Array(each.buffer, each.byteOffset, each.byteLength)),
  ]
  return [...content, digestOf(content)]
}

/** The inverse of `encodeCheckpoint`. @throws DataError when a byte is wrong, or the checkpoint is of another training. */
export function decodeCheckpoint(bytes: Buffer, { key, name }: { key: string; name: string }): Snapshot {
  const content = bytes.subarray(0, -DIGEST_BYTES)
  if (!content.subarray(0, MAGIC.length).equals(MAGIC) || !digestOf([content]).equals(bytes.subarray(-DIGEST_BYTES))) {
    throw new DataError(`Expected a whole checkpoint in ${name}, received a damaged or foreign file. It is left alone.`)
  }
  const start = MAGIC.length + LENGTH_BYTES
  const end = start + content.readUInt32LE(MAGIC.length)
  const header = deserialize(content.subarray(start, end)) as Header
  if (header.key !== key) {
    throw new DataError(`Expected a checkpoint of this training in ${name}, received one of another. It is left alone.`)
  }
  let place = end
  const read = (lengths: Header['now']): Arrays =>
    new Map(
      [...lengths].map(([array, length]) => {
        const values = new Float32Array(length)
        const raw = new Uint8Array(values.buffer)
        raw.set(content.subarray(place, place + raw.length))
        place += raw.length
        return [array, values]
      }),
    )
  return { state: header.state, now: read(header.now), best: read(header.best) }
}

function lengthsOf(arrays: Arrays): Map<string, number> {
  return new Map([...arrays].map(([name, { length }]) => [name, length]))
}

function digestOf(pieces: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest()
}

/** Names of the checkpoints in a folder: those after a step, and the one of the best epoch. */
const STEP_FILE = /^epoch-(\d+)-step-(\d+)\.checkpoint$/
export const BEST_FILE = 'best.checkpoint'
const NEWEST_KEPT = 2

/** An epoch (from 1) and the number of steps that were taken, over all phases. */
export interface Position {
  readonly epoch: number
  readonly step: number
}

/** Writes a checkpoint, whole or not at all, and removes older ones except for the one before it and the best. */
export async function writeCheckpoint(
  folder: string,
  { epoch, step }: Position,
  key: string,
  snapshot: Snapshot,
): Promise<void> {
  const name = `epoch-${String(epoch).padStart(5, '0')}-step-${String(step).padStart(8, '0')}.checkpoint`
  await writeFileAtomically(join(folder, name), encodeCheckpoint(key, snapshot))
  const files = await listCheckpoints(folder)
  await Promise.all(files.slice(NEWEST_KEPT).map((file) => rm(join(folder, file), { force: true })))
}

/** Writes the checkpoint of the best epoch. */
export async function writeBestCheckpoint(folder: string, key: string, snapshot: Snapshot): Promise<void> {
  await writeFileAtomically(join(folder, BEST_FILE), encodeCheckpoint(key, snapshot))
}

/** The newest intact checkpoint of a training, undefined if there is none; `warn` is called with why one was refused. */
export async function readNewestCheckpoint(
  folder: string,
  key: string,
  warn: (message: string) => void,
): Promise<Snapshot | undefined> {
  for (const file of await listCheckpoints(folder)) {
    try {
      return decodeCheckpoint(await readFile(join(folder, file)), { key, name: join(folder, file) })
    } catch (error) {
      warn(messageOf(error))
    }
  }
  return undefined
}

/** Removes the partial checkpoints of killed processes. Only the process that trains may call it. */
export async function removePartialCheckpoints(folder: string): Promise<void> {
  const files = await readdir(folder).catch(() => [])
  const partial = files.filter((file) => file.endsWith(TEMPORARY_SUFFIX))
  await Promise.all(partial.map((file) => rm(join(folder, file), { force: true })))
}

/** The epoch (from 1) that a checkpoint after a step was written in. */
export function epochOf(file: string): number {
  return Number(STEP_FILE.exec(file)?.[1])
}

/** Names of the checkpoints after steps, newest first. */
export async function listCheckpoints(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => [])
  const step = (file: string) => Number(STEP_FILE.exec(file)?.[2])
  return files.filter((file) => STEP_FILE.test(file)).sort((a, b) => step(b) - step(a))
}
