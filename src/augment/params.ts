import { z } from 'zod'
import { imageParams, seedParam } from '../config/shapes.ts'
import { transformRanges } from '../images/transform.ts'

/** `augment`: the transformed variants of the training images. `online` is training's, which checks it. */
export const augmentParams = z.strictObject({
  /** Transformed variants beside each training image. */
  copies: z.int().min(0).max(100),
  ...transformRanges,
  online: z.unknown(),
})

/** The sections of params.yaml that augment depends on. */
export const augmentSections = { seed: seedParam, image: imageParams, augment: augmentParams }
export type AugmentStageParams = z.infer<z.ZodObject<typeof augmentSections>>
