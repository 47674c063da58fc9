import { z } from 'zod'
import { exists } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { type Identity, readIdentity } from '../scores/identity.ts'
import { type Metrics, readMetrics } from '../scores/metrics.ts'
import { appendRecords, parseRecords, type RecordFile, readRecords, unique } from './lines.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')

const schema = z.strictObject({
  configuration: z.string().min(1),
  model: hash,
  testSet: hash,
  correct: z.int().min(0),
  images: z.int().min(1),
  /** Counts on validation; like the sample, missing in older lines. */
  validation: z.strictObject({ correct: z.int().min(0), images: z.int().min(0) }).optional(),
  testSample: z.array(z.string()).optional(),
})

/** One look at a test set: a model was scored on it. Each model and test set counts once. */
export type TestSetLook = z.infer<typeof schema>

const identity = ({ model, testSet }: TestSetLook) => `${model} ${testSet}`
const FILE: RecordFile<TestSetLook> = { path: paths.testEvaluations, schema, identity }

export async function readTestSetLooks(): Promise<TestSetLook[]> {
  return readRecords(FILE)
}

/** The looks in the text of the file. @throws DataError naming a bad line */
export function parseTestSetLooks(text: string): TestSetLook[] {
  return parseRecords(FILE, text)
}

/** The looks of the file together with those of the models at hand, which may say more, each once, in order. */
export function withLooksAtHand(recorded: readonly TestSetLook[], atHand: readonly TestSetLook[]): TestSetLook[] {
  const own = new Map(atHand.map((look) => [identity(look), look]))
  return [...recorded.map((look) => own.get(identity(look)) ?? look), ...unique(identity, recorded, atHand)]
}

/** The look that the evaluation of a model was; none without test images. */
export function looksOf(
  configuration: string,
  { model, testSet, testSample }: Identity,
  { test: { correct, images }, validation }: Pick<Metrics, 'test' | 'validation'>,
): TestSetLook[] {
  if (images === 0) return []
  const counts = { correct: validation.correct, images: validation.images }
  return [{ configuration, model: model.digest, testSet, correct, images, validation: counts, testSample }]
}

/**
 * Appends to records/test-evaluations.jsonl what the file lacks of these configurations, where they were evaluated.
 *
 * @returns the looks that were added
 */
export async function recordTestEvaluations(configurations: readonly string[]): Promise<TestSetLook[]> {
  const looks: TestSetLook[] = []
  for (const name of configurations) {
    if (!(await exists(paths.identity(name))) || !(await exists(paths.metrics(name)))) continue
    looks.push(...looksOf(name, await readIdentity(paths.identity(name)), await readMetrics(paths.metrics(name))))
  }
  return appendRecords(FILE, looks)
}
