import { posix } from 'node:path'
import { z } from 'zod'

const fraction = z.number().min(0).max(1)
const positiveInteger = z.int().positive()
const seed = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)
const betweenZeroAndOne = z.number().gt(0).lt(1)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
/** The name of a file or folder, without a way to it. */
const plainName = z.string().regex(/^[\w-][\w .-]*$/, 'must be a plain name')

/** What every source of images has: the share of refused images above which the stage fails. */
const anySource = { maxRejected: fraction }

const fetch = z.discriminatedUnion('source', [
  z.strictObject({
    ...anySource,
    source: z.literal('sample'),
    imagesPerClass: positiveInteger,
    testImagesPerClass: positiveInteger,
    size: z.int().min(32).max(512),
  }),
  z.strictObject({ ...anySource, source: z.literal('archive'), url: z.url(), sha256 }),
  z.strictObject({
    ...anySource,
    source: z.literal('kaggle'),
    /** `owner/name` */
    dataset: z.string().regex(/^[\w-]+\/[\w-]+$/, 'must be owner/name'),
    /** By label: the folder of the archive that its images lie in, and how many they are. */
    classes: z.record(plainName, z.strictObject({ folder: plainName, images: positiveInteger })),
    /** Test images that are published: each lies at url followed by its name; null: they came from a folder. */
    test: z.strictObject({ url: z.url(), sha256: z.record(plainName, sha256) }).nullable(),
  }),
  z.strictObject({ ...anySource, source: z.literal('folder') }),
])

const split = z
  .strictObject({ train: fraction, validation: fraction, holdout: fraction })
  .refine((parts) => Math.abs(parts.train + parts.validation + parts.holdout - 1) < 1e-9, {
    error: 'the three fractions must sum to 1',
  })

const augment = z.strictObject({
  /** Transformed variants beside each training image. */
  copies: z.int().min(0).max(100),
  /** Greatest angle, in degrees. */
  rotation: z.number().min(0).max(180),
  /** Greatest shift, as a fraction of the side. */
  shift: fraction,
  /** Greatest shear angle, in degrees. */
  shear: z.number().min(0).max(80),
  /** Each axis is scaled by 1 - zoom to 1 + zoom. */
  zoom: z.number().min(0).max(0.95),
  flip: z.boolean(),
  /** While a network is trained on images, another transform of each in every step, drawn from the ranges above; null: off. */
  online: z
    .strictObject({
      /** Each image is multiplied with 1 - brightness to 1 + brightness. */
      brightness: z.number().min(0).lt(1),
      /** MixUp's alpha: images are added in shares drawn from Beta(alpha, alpha); 0: none are. */
      mixup: z.number().min(0),
      /** CutMix's alpha: a rectangle comes from another image. With mixup too, each step takes one of the two. */
      cutmix: z.number().min(0),
    })
    .nullable(),
})

/** How the learning rate moves; `train.learningRate` is where it starts, after the warm-up where there is one. */
const schedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  /** Times `factor` after every so many epochs. */
  z.strictObject({ kind: z.literal('step'), everyEpochs: positiveInteger, factor: betweenZeroAndOne }),
  /** Up from 0 in a straight line, then down to 0 at the last of `epochs` along half a cosine. */
  z.strictObject({ kind: z.literal('cosine'), warmUpEpochs: z.int().min(0) }),
  /** Times `factor` when the validation loss has not fallen for `patience` epochs. */
  z.strictObject({ kind: z.literal('plateau'), patience: positiveInteger, factor: betweenZeroAndOne }),
])

/** A column of history.csv that a rule looks at; losses are better when they are low, everything else when it is high. */
const monitor = z.enum(['validation_accuracy', 'validation_loss', 'validation_macro_f1', 'accuracy', 'loss'])

const stoppingRules = {
  /**
   * The monitor has not got better by more than `minChange` for `patience` epochs; with `minChange` 0, a lower validation loss
   * beside the same monitor is better too. The weights that are kept are the best by this monitor, else by validation accuracy.
   */
  early: z.strictObject({ monitor, patience: positiveInteger, minChange: z.number().min(0) }).nullable(),
  /** The last `epochs` values of the monitor, at least two, lie within `tolerance` of each other. */
  converged: z.strictObject({ monitor, epochs: z.int().min(2), tolerance: z.number().min(0) }).nullable(),
  /** The monitor got worse `epochs` times in a row. */
  overfitting: z.strictObject({ monitor, epochs: positiveInteger }).nullable(),
  /** The monitor is as good as `value`, or better. */
  target: z.strictObject({ monitor, value: z.number() }).nullable(),
}

/** When training stops before its epochs are over; null: not for that reason. */
const stopping = z.strictObject(stoppingRules)

/** What an entry of `models` may say: the rules that it names replace those of `train`. */
const someStopping = z.strictObject({
  early: stoppingRules.early.exactOptional(),
  converged: stoppingRules.converged.exactOptional(),
  overfitting: stoppingRules.overfitting.exactOptional(),
  target: stoppingRules.target.exactOptional(),
})

const train = z.strictObject({
  epochs: positiveInteger,
  batchSize: positiveInteger,
  /** Images at once where nothing is learned: for features of a frozen backbone and for validation. */
  inferenceBatchSize: positiveInteger,
  learningRate: z.number().positive(),
  schedule,
  optimizer: z.enum(['adam', 'adamw', 'sgd']),
  /** Of sgd: share of the last move that goes into the next. */
  momentum: z.number().min(0).lt(1),
  /** Of sgd with momentum: look ahead. */
  nesterov: z.boolean(),
  /** Of adamw: each step takes learning rate times this share off every weight. */
  weightDecay: z.number().min(0),
  /** Greatest norm of all gradients together; null: any. */
  clipNorm: z.number().positive().nullable(),
  /** Share of the old average in a step's new one, for the averaged weights that are validated and saved; null: no averages. */
  ema: z.number().min(0).lt(1).nullable(),
  loss: z.enum(['cross-entropy', 'focal']),
  /** Share of the target that is spread evenly over all classes. */
  labelSmoothing: z.number().min(0).lt(1),
  /** Of the focal loss: the power of (1 - probability) that an example is weighted with. */
  focalGamma: z.number().min(0),
  /** Of the focal loss: a factor of the whole. */
  focalAlpha: z.number().positive(),
  /** balanced: an example counts n / (k * n_c), with n_c of the n training images in its class, one of k. */
  classWeights: z.enum(['none', 'balanced']),
  /** shuffled: an epoch shows each image once; balanced: as many images, of every class equally many in each batch. */
  sampling: z.enum(['shuffled', 'balanced']),
  /** What a batch norm keeps of its running statistics in a step: Keras's 0.99 is too slow for a few hundred steps. */
  batchNormMomentum: z.number().min(0).lt(1),
  dropout: z.number().min(0).lt(1),
  /** Weight of the sum of squared kernels that is added to the loss. */
  l2: z.number().min(0),
  stopping,
  /** Whether a step runs as one TensorFlow function or op by op. */
  engine: z.enum(['compiled', 'eager']),
  /** Makes an op that need not give the same bits twice an error; that concerns some gradients on a GPU. */
  deterministic: z.boolean(),
  /** Threads of one op, and ops at once, for the same bytes on any number of cores; null: as many as there are cores. */
  threads: z.int().min(1).max(256).nullable(),
})

const gate = z.strictObject({
  validation: fraction,
  test: fraction,
  minValidationImages: positiveInteger,
  minTestImages: positiveInteger,
  /** Of a review: the chosen model must not be significantly worse than the base's, McNemar's exact p below `alpha`. */
  regression: z.strictObject({
    alpha: fraction,
    /** Fewer images that both models have, and nothing is said. */
    minImages: positiveInteger,
  }),
})

/** A file of the checkout: parameters that somebody else wrote must not name another one. */
const ownPath = z.string().refine(isInside, { error: 'must be a relative path that stays in the checkout' })

const weights = z
  .strictObject({ path: ownPath.optional(), url: z.url().optional(), sha256 })
  .refine((source) => (source.path === undefined) !== (source.url === undefined), {
    error: 'must have either path or url',
  })

/** How pretrained weights are trained on; the entry's own `epochs`, `learningRate` and the rest are of the second phase. */
const fineTune = z.strictObject({
  /** The first phase: the head alone, on features of the frozen backbone as in `transfer`; null: there is none. */
  head: z.strictObject({ epochs: positiveInteger, learningRate: z.number().positive() }).nullable(),
  /** What the second phase trains beside the head: all layers, or so many of the last blocks. */
  unfreeze: z.union([z.literal('all'), positiveInteger], { error: "must be 'all' or a number of blocks" }),
  /** frozen: batch norms keep their running statistics and use them, while gamma and beta learn; moving: as from zero. */
  batchNorm: z.enum(['frozen', 'moving']),
})

/** What an entry of `models` may override of `train`, beside its own keys. */
const anyModel = {
  ...train.partial().shape,
  stopping: someStopping.optional(),
  /** In place of the seed of all, for this training alone: weights to start with, order, dropout, transforms of each step. */
  seed: seed.optional(),
  weights: weights.optional(),
}

const resnet = { ...anyModel, architecture: z.literal('resnet') }
const efficientnet = {
  ...anyModel,
  architecture: z.literal('efficientnet'),
  variant: z.enum(['b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7']),
}
const mobilenet = {
  ...anyModel,
  architecture: z.literal('mobilenet'),
  width: z.union([z.literal(0.25), z.literal(0.5), z.literal(0.75), z.literal(1)]),
}
const notFineTuned = { mode: z.enum(['zero', 'transfer']) }
const fineTuned = { mode: z.literal('fine-tune'), fineTune }

const model = z.discriminatedUnion('architecture', [
  z.strictObject({ ...anyModel, architecture: z.literal('original'), mode: z.literal('zero') }),
  z.discriminatedUnion('mode', [
    z.strictObject({ ...resnet, ...notFineTuned }),
    z.strictObject({ ...resnet, ...fineTuned }),
  ]),
  z.discriminatedUnion('mode', [
    z.strictObject({ ...efficientnet, ...notFineTuned }),
    z.strictObject({ ...efficientnet, ...fineTuned }),
  ]),
  z.discriminatedUnion('mode', [
    z.strictObject({ ...mobilenet, ...notFineTuned }),
    z.strictObject({ ...mobilenet, ...fineTuned }),
  ]),
])

/** Names of configurations become names of folders and parts of commands: no dot, slash or space. */
export const CONFIG_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/

const models = z.record(z.string(), model).superRefine((entries, context) => {
  const names = Object.keys(entries)
  if (names.length === 0) context.addIssue({ code: 'custom', message: 'must have at least one configuration' })
  for (const name of names.filter((each) => !CONFIG_NAME.test(each))) {
    const message = 'the name must be lower-case words and digits joined by single hyphens'
    context.addIssue({ code: 'custom', message, path: [name] })
  }
})

const sections = {
  seed,
  image: z.strictObject({
    /** Side of the square that the networks see, in pixels. */
    size: z.int().min(16).max(1024),
    /** cover: crop the centre; fill: squash. */
    fit: z.enum(['cover', 'fill']),
  }),
  fetch,
  split,
  augment,
  train,
  /** How often training saves where it is. No stage depends on it: changing it retrains nothing. */
  checkpoint: z.strictObject({ everyEpochs: positiveInteger, everyMinutes: z.number().positive() }),
  evaluate: z.strictObject({
    batchSize: positiveInteger,
    /** Draws behind the interval of macro F1. */
    bootstrapSamples: z.int().min(100).max(100_000),
  }),
  report: z.strictObject({ title: z.string().min(1) }),
  gate,
  models,
}

/** Whether a path is relative and leads nowhere above the folder it starts in. */
function isInside(path: string): boolean {
  const plain = posix.normalize(path)
  return path !== '' && !posix.isAbsolute(plain) && plain !== '..' && !plain.startsWith('../') && !path.includes('\0')
}

/** params.yaml, whole: sections named like the stages, and `seed`, `image` and `models`. */
export const paramsSchema = z.strictObject(sections).superRefine(({ train, models }, context) => {
  for (const [name, { classWeights = train.classWeights, sampling = train.sampling }] of Object.entries(models)) {
    if (classWeights !== 'balanced' || sampling !== 'balanced') continue
    const message = 'must have classWeights or sampling balanced, not both: rare classes would count twice'
    context.addIssue({ code: 'custom', message, path: ['models', name] })
  }
})

export type Params = z.infer<typeof paramsSchema>
export type FetchParams = Params['fetch']
export type KaggleParams = Extract<FetchParams, { source: 'kaggle' }>
export type SplitParams = Params['split']
export type AugmentParams = Params['augment']
/** What a random transform is drawn from. */
export type TransformRanges = Omit<AugmentParams, 'copies' | 'online'>
export type ImageParams = Params['image']
export type TrainParams = Params['train']
export type StoppingParams = TrainParams['stopping']
export type Monitor = z.infer<typeof monitor>
export type CheckpointParams = Params['checkpoint']
export type GateParams = Params['gate']
/** What the gate asks of a single model. */
export type Thresholds = Omit<GateParams, 'regression'>
export type ModelEntry = Params['models'][string]
export type Architecture = ModelEntry['architecture']
export type Mode = ModelEntry['mode']
export type FineTuneParams = z.infer<typeof fineTune>
export type WeightsSource = z.infer<typeof weights>
