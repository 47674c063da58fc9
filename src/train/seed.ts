import type { Configuration } from '../config/load.ts'
import type { Params } from '../config/schema.ts'
import { derivedSeed } from '../core/random.ts'

/** The seed of a configuration's training: of its first weights, its order of images and what it draws in a step. */
export function trainingSeed({ name, entry }: Configuration, { seed }: Pick<Params, 'seed'>): number {
  return derivedSeed(entry.seed ?? seed, 'train', name)
}
