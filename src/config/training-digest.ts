import { z } from 'zod'
import { sha256 } from '../core/files.ts'
import type { Section } from './section.ts'

/** The sections of params.yaml that, besides the images, decide a training; as written, not validated. */
export const trainingSections = {
  seed: z.unknown(),
  image: z.unknown(),
  train: z.unknown(),
  models: z.record(z.string(), z.unknown()),
}
type TrainingSections = z.infer<z.ZodObject<typeof trainingSections>>

/** SHA-256 of the parameters of a configuration's training, in any order of their keys. */
export function trainingDigest({ seed, image, train, models }: TrainingSections, name: string): string {
  return sha256(JSON.stringify({ seed, image, train, entry: models[name] }, sortKeys))
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value as Section).sort(([a], [b]) => (a < b ? -1 : 1)))
}
