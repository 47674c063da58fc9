import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DataError, messageOf } from '../core/errors.ts'
import { TEMPORARY_SUFFIX, writeFileAtomically } from '../core/files.ts'

/** Arrays of a checkpoint by name: weights, slots, the best weights. */
export type Arrays = ReadonlyMap<string, Float32Array>

/** A checkpoint: whatever is plain data, and the arrays; `key` says what run it belongs to. */
export interface Checkpoint<State> {
  readonly key: string
  readonly state: State
  readonly arrays: Arrays
}

const MAGIC = 'paddock checkpoint 1\n'
const DIGEST_BYTES = 32

const headerSchema = z.object({
  key: z.string(),
  state: z.unknown(),
  arrays: z.array(z.object({ name: z.string(), length: z.int().min(0) })),
})

/** One line that names the format, one line of JSON, the arrays as little-endian floats, and the SHA-256 of all that. */
export function encodeCheckpoint<State>({ key, state, arrays }: Checkpoint<State>): Buffer {
  const list = [...arrays].map(([name, values]) => ({ name, length: values.length }))
  const header = `${MAGIC}${JSON.stringify({ key, state, arrays: list }, writeNumber)}\n`
  const values = [...arrays.values()].map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength))
  const content = Buffer.concat([Buffer.from(header), ...values])
  return Buffer.concat([content, createHash('sha256').update(content).digest()])
}

/** What `encodeCheckpoint` gave; `state` is as it came out of JSON. @throws DataError when a byte is wrong or the run is another. */
export function decodeCheckpoint(bytes: Buffer, { key, name }: { key: string; name: string }): Checkpoint<unknown> {
  const content = bytes.subarray(0, -DIGEST_BYTES)
  const digest = createHash('sha256').update(content).digest()
  if (!content.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC)) || !digest.equals(bytes.subarray(-DIGEST_BYTES))) {
    throw new DataError(`Expected a whole checkpoint in ${name}, received a damaged or foreign file. It is left alone.`)
  }
  const end = content.indexOf('\n', MAGIC.length)
  const header = headerSchema.parse(JSON.parse(content.subarray(MAGIC.length, end).toString(), readNumber))
  if (header.key !== key) {
    throw new DataError(`Expected a checkpoint of this run in ${name}, received one of another. It is left alone.`)
  }
  const arrays = new Map<string, Float32Array>()
  let place = end + 1
  for (const { name: array, length } of header.arrays) {
    // A copy, since the place in the file need not be a multiple of four.
    arrays.set(array, new Float32Array(Uint8Array.from(content.subarray(place, place + 4 * length)).buffer))
    place += 4 * length
  }
  return { key, state: header.state, arrays }
}

/** JSON has no NaN and no infinity; they are written as words that no other text of a state begins with. */
function writeNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? `number:${value}` : value
}

function readNumber(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.startsWith('number:') ? Number(value.slice('number:'.length)) : value
}

/** Names of the checkpoints in a folder: those of a step, newest first, and the one of the best epoch. */
const STEP_FILE = /^epoch-(\d+)-step-(\d+)\.checkpoint$/
export const BEST_FILE = 'best.checkpoint'
const NEWEST_KEPT = 2

/** Writes a checkpoint whole or not at all, then removes the older ones; the newest two and the best one stay. */
export async function writeCheckpoint<State>(
  folder: string,
  checkpoint: Checkpoint<State>,
  { epoch, step }: { epoch: number; step: number },
): Promise<void> {
  const name = `epoch-${String(epoch).padStart(5, '0')}-step-${String(step).padStart(8, '0')}.checkpoint`
  await writeFileAtomically(join(folder, name), encodeCheckpoint(checkpoint))
  const files = await listCheckpoints(folder)
  await Promise.all(files.slice(NEWEST_KEPT).map((file) => rm(join(folder, file), { force: true })))
}

/** Writes the checkpoint of the best epoch. */
export async function writeBestCheckpoint<State>(folder: string, checkpoint: Checkpoint<State>): Promise<void> {
  await writeFileAtomically(join(folder, BEST_FILE), encodeCheckpoint(checkpoint))
}

/** The newest checkpoint of a run that is whole; `warn` hears of every one that is refused. Undefined when there is none. */
export async function readNewestCheckpoint(
  folder: string,
  key: string,
  warn: (message: string) => void,
): Promise<Checkpoint<unknown> | undefined> {
  for (const file of await listCheckpoints(folder)) {
    try {
      return decodeCheckpoint(await readFile(join(folder, file)), { key, name: join(folder, file) })
    } catch (error) {
      warn(messageOf(error))
    }
  }
  return undefined
}

/** Removes checkpoints that somebody was writing when the process was killed. Only whoever may write there may call it. */
export async function removeCutOff(folder: string): Promise<void> {
  const files = await readdir(folder).catch(() => [])
  const cutOff = files.filter((file) => file.endsWith(TEMPORARY_SUFFIX))
  await Promise.all(cutOff.map((file) => rm(join(folder, file), { force: true })))
}

/** The epoch (from 1) that a checkpoint of a step was written in. */
export function epochOf(file: string): number {
  return Number(STEP_FILE.exec(file)?.[1])
}

/** Names of the checkpoints of steps, newest first. */
export async function listCheckpoints(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => [])
  const step = (file: string) => Number(STEP_FILE.exec(file)?.[2])
  return files.filter((file) => STEP_FILE.test(file)).sort((a, b) => step(b) - step(a))
}
