import { z } from 'zod'
import { positiveInteger, seedParam } from '../config/shapes.ts'

/** `evaluate`. */
export const evaluateParams = z.strictObject({
  batchSize: positiveInteger,
  /** Draws behind the intervals of macro F1, ROC AUC, log loss and Brier score, and behind the calibration error by chance alone. */
  bootstrapSamples: z.int().min(100).max(100_000),
  /** At which rate images of the known classes may be answered with "none of these"; null: no image is. */
  falseRefusals: z.number().gt(0).max(0.5).nullable(),
})

/** The sections of params.yaml that evaluate depends on. */
export const evaluateSections = { seed: seedParam, evaluate: evaluateParams }
export type EvaluateStageParams = z.infer<z.ZodObject<typeof evaluateSections>>
