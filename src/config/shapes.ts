import { z } from 'zod'

/** Schemas that the sections of several stages are made of. */
export const fraction = z.number().min(0).max(1)
export const positiveInteger = z.int().positive()
export const betweenZeroAndOne = z.number().gt(0).lt(1)
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')

/** `seed`: of the split, the drawn sample, augmentation and training. */
export const seedParam = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)

/** `image`: the square that the networks see. */
export const imageParams = z.strictObject({
  /** Side in pixels. */
  size: z.int().min(16).max(1024),
  /** cover: crop the centre; fill: squash. */
  fit: z.enum(['cover', 'fill']),
})
export type ImageParams = z.infer<typeof imageParams>

/** Names of configurations become names of folders and parts of commands: no dot, slash or space. */
export const CONFIG_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** What report and gate read of `models`: training has checked the rest. */
export const configurationParams = z.record(z.string(), z.looseObject({ architecture: z.string(), mode: z.string() }))
