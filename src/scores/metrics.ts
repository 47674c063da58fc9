import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { DataError, messageOf } from '../core/errors.ts'
import { parseJson, writeFileAtomically } from '../core/files.ts'
import { mapByName, recordByName } from '../core/names.ts'
import { NOVELTY_OUTCOMES } from './novelty.ts'
import { byPart } from './predictions.ts'

/** A metric; null or a missing key in JSON becomes NaN. */
const metric = z
  .number()
  .nullish()
  .transform((value) => value ?? Number.NaN)
const count = z.int().min(0)

/** How good the probabilities are; `loss` in nats. */
const probabilityScores = {
  loss: metric,
  brier: metric,
  /** Expected calibration error, over bins of equal width and of equal mass. */
  calibration_error: metric,
  calibration_error_equal_mass: metric,
}

const classSchema = z.object({ precision: metric, recall: metric, f1: metric, auc: metric, support: count })

const partSchema = z.object({
  images: count,
  correct: count.default(0),
  /** Effective number of images (`independentImages`), on which the intervals of the accuracy are based. */
  independent: metric,
  accuracy: metric,
  /** Exact two-sided 95 % interval, and the one-sided 95 % lower bound. */
  ci_low: metric,
  ci_high: metric,
  accuracy_at_least: metric,
  macro_precision: metric,
  macro_recall: metric,
  macro_f1: metric,
  /** 95 % bootstrap interval. */
  macro_f1_low: metric,
  macro_f1_high: metric,
  macro_auc: metric,
  macro_auc_low: metric,
  macro_auc_high: metric,
  ...probabilityScores,
  /** The same for calibrated probabilities. */
  calibrated: z
    .object({
      ...probabilityScores,
      /** 95 % bootstrap intervals. */
      loss_low: metric,
      loss_high: metric,
      brier_low: metric,
      brier_high: metric,
      /** The calibration error over bins of equal width if the probabilities were right: its mean and 95th percentile. */
      calibration_error_expected: metric,
      calibration_error_p95: metric,
    })
    .prefault({}),
  per_class: mapByName(classSchema).default(() => new Map()),
})

/** How many of some images are refused as none of the classes. */
const refusalSchema = z.object({ refused: count, images: count })

const noveltySchema = z.object({
  /** The rate of refused images of known classes that was asked for. */
  false_refusals: z.number().nullable(),
  /** Stored training images, and to which nearest of them the distance counts. */
  references: count,
  neighbours: count,
  limit: z.number().nullable(),
  outcome: z.enum(NOVELTY_OUTCOMES),
  refused: z.object({ validation: refusalSchema, holdout: refusalSchema, test: refusalSchema }),
  /** Images of each class, at the limit that holds without its references; null where the features were trained on the class. */
  left_out: mapByName(refusalSchema).nullable(),
})

const metricsSchema = z.object({
  architecture: z.string(),
  mode: z.string(),
  parameters: count,
  trainable_parameters: count,
  epochs: count,
  best_epoch: count,
  /** Calibrated probabilities are the softmax of the logits divided by this. */
  temperature: metric,
  train_images_per_class: mapByName(count),
  validation: partSchema,
  holdout: partSchema,
  test: partSchema,
  /** How images unlike the training images are refused; results of earlier versions have none. */
  novelty: noveltySchema.optional(),
})

/** The scores on one part, with the keys of the file; without images all are NaN and `per_class` is empty. */
export type PartMetrics = z.infer<typeof partSchema>

/** The scores of one class, and its number of images. */
export type ClassMetrics = z.infer<typeof classSchema>

/** How good the probabilities are, the network's own or calibrated ones. */
export type ProbabilityScores = Pick<PartMetrics, keyof typeof probabilityScores>

/** A limit for the distance from the training images, and how many images lie beyond it. */
export type NoveltyMetrics = z.infer<typeof noveltySchema>
export type RefusalCount = z.infer<typeof refusalSchema>

/** The content of metrics.json, with its keys. */
export type Metrics = z.infer<typeof metricsSchema>

/** The text of metrics.json: keys in the order of the schema, at most six decimals, null for NaN; a part without images has `images` only. */
export function formatMetrics(metrics: Metrics): string {
  const ordered = metricsSchema.parse(JSON.parse(JSON.stringify(metrics, jsonValue)))
  const parts = byPart((part) => (metrics[part].images > 0 ? ordered[part] : { images: 0 }))
  return `${JSON.stringify({ ...ordered, ...parts }, jsonValue, 2)}\n`
}

function jsonValue(_key: string, value: unknown): unknown {
  if (value instanceof Map) return recordByName(value)
  return typeof value === 'number' ? Number(value.toFixed(6)) : value
}

/** The metrics in a text, which messages call `name`. @throws DataError when it holds something else. */
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
