import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { DataError, messageOf } from '../core/errors.ts'
import { writeFileAtomically } from '../core/files.ts'

/** A metric: NaN stands for one that is missing, which JSON knows as null or no key. */
const metric = z
  .number()
  .nullish()
  .transform((value) => value ?? Number.NaN)
const count = z.int().min(0)

const partSchema = z.object({
  images: count,
  correct: count.default(0),
  accuracy: metric,
  ci_low: metric,
  ci_high: metric,
  macro_precision: metric,
  macro_recall: metric,
  macro_f1: metric,
  loss: metric,
  per_class: z
    .record(z.string(), z.object({ precision: metric, recall: metric, f1: metric, support: count }))
    .default({}),
})

const metricsSchema = z.object({
  architecture: z.string(),
  mode: z.string(),
  parameters: count,
  trainable_parameters: count,
  epochs: count,
  best_epoch: count,
  train_images_per_class: z.record(z.string(), count),
  validation: partSchema,
  holdout: partSchema,
  test: partSchema,
})

/** The scores on one part, with the keys of the file; without images all are NaN and `per_class` is empty. */
export type PartMetrics = z.infer<typeof partSchema>

/** What metrics.json holds, with its keys. */
export type Metrics = z.infer<typeof metricsSchema>

/** Decimals of a fraction or a loss in the file. */
const DECIMALS = 6

/** The text of a metrics.json: keys in a fixed order, six decimals at most, null for NaN, `images` alone without images. */
export function formatMetrics(metrics: Metrics): string {
  const { architecture, mode, parameters, trainable_parameters, epochs, best_epoch, train_images_per_class } = metrics
  const content = {
    architecture,
    mode,
    parameters,
    trainable_parameters,
    epochs,
    best_epoch,
    train_images_per_class,
    validation: orderedPart(metrics.validation),
    holdout: orderedPart(metrics.holdout),
    test: orderedPart(metrics.test),
  }
  const rounded = (_key: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toFixed(DECIMALS)) : value
  return `${JSON.stringify(content, rounded, 2)}\n`
}

/** The metrics that a text holds; `name` is what a message calls it. @throws DataError when it holds something else. */
export function parseMetrics(text: string, name: string): Metrics {
  const result = metricsSchema.safeParse(parseJson(text, name))
  if (result.success) return result.data
  throw new DataError(`${name} does not hold the metrics of a configuration:\n${z.prettifyError(result.error)}`)
}

export async function writeMetrics(path: string, metrics: Metrics): Promise<void> {
  await writeFileAtomically(path, formatMetrics(metrics))
}

/** Reads a metrics.json. @throws DataError when it is missing or holds something else. */
export async function readMetrics(path: string): Promise<Metrics> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DataError(`Expected metrics at ${path}, received: ${messageOf(error)}. Run the stage that writes them.`)
  })
  return parseMetrics(text, path)
}

function orderedPart(part: PartMetrics): Partial<PartMetrics> {
  if (part.images === 0) return { images: 0 }
  const { images, correct, accuracy, ci_low, ci_high, macro_precision, macro_recall, macro_f1, loss, per_class } = part
  return { images, correct, accuracy, ci_low, ci_high, macro_precision, macro_recall, macro_f1, loss, per_class }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new DataError(`Expected ${name} to be JSON, received: ${messageOf(error)}. Run the stage that writes it.`)
  }
}
