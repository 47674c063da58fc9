import { posix } from 'node:path'
import { z } from 'zod'
import { positiveInteger, sha256 } from '../config/shapes.ts'

/** A file of the checkout: parameters that someone else wrote must not name another one. */
const ownPath = z.string().refine(isInside, { error: 'must be a relative path that stays in the checkout' })

export const weightsSource = z
  .strictObject({ path: ownPath.optional(), url: z.url().optional(), sha256 })
  .refine((source) => (source.path === undefined) !== (source.url === undefined), {
    error: 'must have either path or url',
  })

/** Fine-tuning of pretrained weights; `epochs`, `learningRate` and other keys of the entry apply to the second phase. */
export const fineTuneParams = z.strictObject({
  /** First phase: the head alone, on features of the frozen backbone as in `transfer`; null: no first phase. */
  head: z.strictObject({ epochs: positiveInteger, learningRate: z.number().positive() }).nullable(),
  /** Layers that the second phase trains beside the head: all, or this many of the last blocks. */
  unfreeze: z.union([z.literal('all'), positiveInteger], { error: "must be 'all' or a number of blocks" }),
  /** frozen: batch norms keep their running statistics and use them, while gamma and beta learn; moving: as from zero. */
  batchNorm: z.enum(['frozen', 'moving']),
})

const resnet = { architecture: z.literal('resnet') }
const efficientnet = {
  architecture: z.literal('efficientnet'),
  variant: z.enum(['b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7']),
}
const efficientnetv2 = {
  architecture: z.literal('efficientnetv2'),
  variant: z.enum(['b0', 's']),
}
const convnext = {
  architecture: z.literal('convnext'),
  variant: z.enum(['tiny']),
  /** Stochastic depth rises linearly from 0 at the first block to this rate at the last; 0, as in Keras, without it. */
  stochasticDepth: z.number().min(0).lt(1).optional(),
}
const mobilenet = {
  architecture: z.literal('mobilenet'),
  width: z.literal([0.25, 0.5, 0.75, 1]),
}
const notFineTuned = { mode: z.enum(['zero', 'transfer']) }
const fineTuned = { mode: z.literal('fine-tune'), fineTune: fineTuneParams }

/** The keys of an entry of `models` that define its network; training adds the keys that override its defaults. */
export const networkShapes = {
  original: { architecture: z.literal('original'), mode: z.literal('zero') },
  resnet: { ...resnet, ...notFineTuned },
  resnetFineTuned: { ...resnet, ...fineTuned },
  efficientnet: { ...efficientnet, ...notFineTuned },
  efficientnetFineTuned: { ...efficientnet, ...fineTuned },
  efficientnetv2: { ...efficientnetv2, ...notFineTuned },
  efficientnetv2FineTuned: { ...efficientnetv2, ...fineTuned },
  convnext: { ...convnext, ...notFineTuned },
  convnextFineTuned: { ...convnext, ...fineTuned },
  mobilenet: { ...mobilenet, ...notFineTuned },
  mobilenetFineTuned: { ...mobilenet, ...fineTuned },
}

type NetworkShapes = typeof networkShapes
/** An entry of `models`: the keys that define its network. */
export type NetworkEntry = {
  [K in keyof NetworkShapes]: z.infer<z.ZodObject<NetworkShapes[K]>>
}[keyof NetworkShapes] & {
  readonly weights?: WeightsSource | undefined
}
export type Architecture = NetworkEntry['architecture']
export type Mode = NetworkEntry['mode']
export type FineTuneParams = z.infer<typeof fineTuneParams>
export type WeightsSource = z.infer<typeof weightsSource>

/** Whether a path is relative and stays below the folder it starts in. */
function isInside(path: string): boolean {
  const plain = posix.normalize(path)
  return path !== '' && !posix.isAbsolute(plain) && plain !== '..' && !plain.startsWith('../') && !path.includes('\0')
}
