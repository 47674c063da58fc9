import { z } from 'zod'
import type { readParams } from '../config/params.ts'
import { configurationParams, imageParams, seedParam } from '../config/shapes.ts'
import { gateParams } from '../gate/params.ts'

export const reportParams = z.strictObject({ title: z.string().min(1) })

/** What the report says of training; the rest of `train` and of an entry of `models` is training's. */
const trainingParams = z.object({
  deterministic: z.boolean(),
  threads: z.int().nullable(),
})

export const reportSections = {
  seed: seedParam,
  image: imageParams,
  train: trainingParams,
  report: reportParams,
  gate: gateParams,
  models: configurationParams,
}

export type ReportParams = Awaited<ReturnType<typeof readParams<typeof reportSections>>>

/** How a configuration is trained: `train`, with what its entry overrides. */
export function trainingOf({ seed, train, models }: Pick<ReportParams, 'seed' | 'train' | 'models'>, name: string) {
  return z.object({ ...trainingParams.shape, seed: seedParam }).parse({ ...train, seed, ...models[name] })
}
