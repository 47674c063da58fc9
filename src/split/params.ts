import { z } from 'zod'
import { fraction, seedParam } from '../config/shapes.ts'

/** `split`: the shares of the labelled images. */
export const splitParams = z
  .strictObject({ train: fraction, validation: fraction, holdout: fraction })
  .refine((parts) => Math.abs(parts.train + parts.validation + parts.holdout - 1) < 1e-9, {
    error: 'the three fractions must sum to 1',
  })

export type SplitParams = z.infer<typeof splitParams>

/** The sections of params.yaml that split depends on. */
export const splitSections = { seed: seedParam, split: splitParams }
