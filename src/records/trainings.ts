import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readJson } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { appendRecords, type RecordFile, readRecords } from './lines.ts'

const schema = z.object({
  /** SHA-256 of the trained model, as evaluate identifies it. */
  model: z.string().regex(/^[0-9a-f]{64}$/),
  configuration: z.string().min(1),
  /** Of the training; one that was interrupted counts from where it continued. */
  seconds: z.number(),
  /** Of the seconds, those in which steps waited for their batches. */
  inputStallSeconds: z.number(),
  epochs: z.int(),
  /** `name` and `memoryMiB` are those of the first GPU. */
  device: z.object({ kind: z.enum(['CPU', 'GPU']), name: z.string().optional(), memoryMiB: z.number().optional() }),
  threads: z.int(),
  processor: z.string(),
  versions: z.object({ tensorflow: z.string(), tfjs: z.string(), node: z.string() }),
})

export type TrainingRecord = z.infer<typeof schema>

const FILE: RecordFile<TrainingRecord> = { path: paths.trainings, schema, identity: ({ model }) => model }

export async function readTrainings(): Promise<TrainingRecord[]> {
  return readRecords(FILE)
}

/**
 * Moves what trainings left in .paddock/trainings to records/trainings.jsonl.
 *
 * @returns those that were added, by configuration
 * @throws DataError naming a file that is not a record
 */
export async function recordTrainings(): Promise<TrainingRecord[]> {
  const names = (await readdir(paths.trainingRecords).catch(() => [])).filter((name) => name.endsWith('.json')).sort()
  const files = names.map((name) => join(paths.trainingRecords, name))
  const found = await Promise.all(files.map(readTraining))
  const added = await appendRecords(
    FILE,
    found.sort((a, b) => (a.configuration < b.configuration ? -1 : 1)),
  )
  await Promise.all(files.map((file) => rm(file)))
  return added
}

async function readTraining(path: string): Promise<TrainingRecord> {
  return readJson(path, schema, { what: 'the record of a training', remedy: 'Delete it.' })
}
