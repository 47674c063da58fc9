import { z } from 'zod'
import { exists } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { readIdentity } from '../scores/identity.ts'
import { readMetrics } from '../scores/metrics.ts'
import { appendRecords, type RecordFile, readRecords, unique } from './lines.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')

const schema = z.strictObject({
  configuration: z.string().min(1),
  model: hash,
  testSet: hash,
  correct: z.int().min(0),
  images: z.int().min(1),
})

/** One look at a test set: a model was scored on it. Each model and test set counts once. */
export type TestSetLook = z.infer<typeof schema>

const identity = ({ model, testSet }: TestSetLook) => `${model} ${testSet}`
const FILE: RecordFile<TestSetLook> = { path: paths.testEvaluations, schema, identity }

/** The looks of records/test-evaluations.jsonl. */
export async function readTestSetLooks(): Promise<TestSetLook[]> {
  return readRecords(FILE)
}

/** The looks of the file together with those of the models at hand, each once, in order. */
export function withLooksAtHand(recorded: readonly TestSetLook[], atHand: readonly TestSetLook[]): TestSetLook[] {
  return [...recorded, ...unique(identity, recorded, atHand)]
}

/** The look that an evaluated configuration was; none without test images. */
export async function readTestSetLook(configuration: string): Promise<TestSetLook | undefined> {
  const { model, testSet } = await readIdentity(paths.identity(configuration))
  const { correct, images } = (await readMetrics(paths.metrics(configuration))).test
  return images > 0 ? { configuration, model: model.digest, testSet, correct, images } : undefined
}

/**
 * Appends to records/test-evaluations.jsonl what the file lacks of these configurations, where they were evaluated.
 *
 * @returns the looks that were added
 */
export async function recordTestEvaluations(configurations: readonly string[]): Promise<TestSetLook[]> {
  const looks: TestSetLook[] = []
  for (const name of configurations) {
    const look = (await exists(paths.identity(name))) ? await readTestSetLook(name) : undefined
    if (look) looks.push(look)
  }
  return appendRecords(FILE, looks)
}
