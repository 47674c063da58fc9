import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
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

const MAGIC = 'paddock checkpoint 2\n'
const DIGEST_BYTES = 32
const PARTS = ['now', 'best'] as const

const headerSchema = z.object({
  key: z.string(),
  state: z.custom<TrainingState>(),
  arrays: z.array(z.object({ part: z.enum(PARTS), name: z.string(), length: z.int().min(0) })),
})

/**
 * The bytes of a checkpoint: a line that names the format, a line of JSON, the arrays as little-endian floats, and the
 * SHA-256 of all that.
 *
 * @param key identifies the training that it belongs to
 */
export function encodeCheckpoint(key: string, snapshot: Snapshot): Buffer {
  const arrays = PARTS.flatMap((part) => [...snapshot[part]].map(([name, values]) => ({ part, name, values })))
  const list = arrays.map(({ part, name, values }) => ({ part, name, length: values.length }))
  const header = `${MAGIC}${JSON.stringify({ key, state: snapshot.state, arrays: list }, writeNumber)}\n`
  const bytes = arrays.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength))
  const content = Buffer.concat([Buffer.from(header), ...bytes])
  return Buffer.concat([content, createHash('sha256').update(content).digest()])
}

/** The inverse of `encodeCheckpoint`. @throws DataError when a byte is wrong, or the checkpoint is of another training. */
export function decodeCheckpoint(bytes: Buffer, { key, name }: { key: string; name: string }): Snapshot {
  const content = bytes.subarray(0, -DIGEST_BYTES)
  const digest = createHash('sha256').update(content).digest()
  if (!content.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC)) || !digest.equals(bytes.subarray(-DIGEST_BYTES))) {
    throw new DataError(`Expected a whole checkpoint in ${name}, received a damaged or foreign file. It is left alone.`)
  }
  const end = content.indexOf('\n', MAGIC.length)
  const header = headerSchema.parse(JSON.parse(content.subarray(MAGIC.length, end).toString(), readNumber))
  if (header.key !== key) {
    throw new DataError(`Expected a checkpoint of this training in ${name}, received one of another. It is left alone.`)
  }
  const arrays = { now: new Map<string, Float32Array>(), best: new Map<string, Float32Array>() }
  let place = end + 1
  for (const { part, name: array, length } of header.arrays) {
    // A copy, since the place in the file need not be a multiple of four.
    arrays[part].set(array, new Float32Array(Uint8Array.from(content.subarray(place, place + 4 * length)).buffer))
    place += 4 * length
  }
  return { state: header.state, ...arrays }
}

/** JSON has no NaN and no infinity; they are written as strings that no other string of a state begins with. */
function writeNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? `number:${value}` : value
}

function readNumber(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.startsWith('number:') ? Number(value.slice('number:'.length)) : value
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
