import { z } from 'zod'
import { configurationParams, fraction, positiveInteger } from '../config/shapes.ts'

/** `gate`: what a model must reach. */
export const gateParams = z.strictObject({
  validation: fraction,
  test: fraction,
  minValidationImages: positiveInteger,
  minTestImages: positiveInteger,
  /** Of a review: the chosen model must not be significantly worse than the base's, McNemar's mid-p below `alpha`. */
  regression: z.strictObject({
    alpha: fraction,
    /** Fewer images that both models have, and nothing is said. */
    minImages: positiveInteger,
    /** Its accuracy must be shown to be lower by less than this, if at all; without it, only a significantly worse model fails. */
    margin: fraction.optional(),
  }),
})

export type GateParams = z.infer<typeof gateParams>
/** What the gate asks of a single model. */
export type Thresholds = Omit<GateParams, 'regression'>

export const gateSections = { gate: gateParams, models: configurationParams }
