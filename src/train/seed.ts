import { derivedSeed } from '../core/random.ts'
import type { Configuration, TrainStageParams } from './params.ts'

/** The seed of a configuration's training: of its first weights, its order of images and what it draws in a step. */
export function trainingSeed({ name, entry }: Configuration, { seed }: Pick<TrainStageParams, 'seed'>): number {
  return derivedSeed(entry.seed ?? seed, 'train', name)
}
