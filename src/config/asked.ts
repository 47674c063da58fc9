import { z } from 'zod'
import { sha256 } from '../core/files.ts'
import type { Section } from './section.ts'

/** The sections of params.yaml that decide a training beside its images, as they are written. */
export const askedSections = {
  seed: z.unknown(),
  image: z.unknown(),
  train: z.unknown(),
  models: z.record(z.string(), z.unknown()),
}
type AskedSections = z.infer<z.ZodObject<typeof askedSections>>

/** SHA-256 of what params.yaml asks of a configuration's training, whatever the order of its keys. */
export function askedDigest({ seed, image, train, models }: AskedSections, name: string): string {
  return sha256(JSON.stringify({ seed, image, train, entry: models[name] }, sortKeys))
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value as Section).sort(([a], [b]) => (a < b ? -1 : 1)))
}
