import { z } from 'zod'
import { positiveInteger, seedParam } from '../config/shapes.ts'

/** `evaluate`. */
export const evaluateParams = z.strictObject({
  batchSize: positiveInteger,
  /** Draws behind the intervals of macro F1, ROC AUC, log loss and Brier score, and behind the calibration error by chance alone. */
  bootstrapSamples: z.int().min(100).max(100_000),
})

/** The sections of params.yaml that evaluate depends on. */
export const evaluateSections = { seed: seedParam, evaluate: evaluateParams }
export type EvaluateStageParams = z.infer<z.ZodObject<typeof evaluateSections>>
