import { z } from 'zod'
import { checkParams, parseYaml, readParams, readParamsFile } from '../config/params.ts'
import { isSection } from '../config/section.ts'
import {
  betweenZeroAndOne,
  CONFIG_NAME,
  type ImageParams,
  imageParams,
  positiveInteger,
  seedParam,
} from '../config/shapes.ts'
import { trainingDigest } from '../config/training-digest.ts'
import { ConfigError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { derivedSeed } from '../core/random.ts'
import { type TransformRanges, transformRanges } from '../images/transform.ts'
import { networkShapes, weightsSource } from '../network/params.ts'

/** `augment.online`: while a network is trained on images, a new transform of each image in every step; null: off. */
export const onlineParams = z
  .strictObject({
    /** Each image is multiplied by a factor from 1 - brightness to 1 + brightness. */
    brightness: z.number().min(0).lt(1),
    /** MixUp's alpha: images are blended in shares drawn from Beta(alpha, alpha); 0: off. */
    mixup: z.number().min(0),
    /** CutMix's alpha: a rectangle is cut from another image; 0: off. With mixup too, each step does one of the two. */
    cutmix: z.number().min(0),
  })
  .nullable()

/** The learning rate over time; `train.learningRate` is its first value, or its peak after a warm-up. */
const schedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  /** Multiplied by `factor` every `everyEpochs` epochs. */
  z.strictObject({ kind: z.literal('step'), everyEpochs: positiveInteger, factor: betweenZeroAndOne }),
  /** Rises from 0 in a straight line, then falls along half a cosine to 0 at the last of `epochs`. */
  z.strictObject({ kind: z.literal('cosine'), warmUpEpochs: z.int().min(0) }),
  /** Multiplied by `factor` when the validation loss has not fallen for `patience` epochs. */
  z.strictObject({ kind: z.literal('plateau'), patience: positiveInteger, factor: betweenZeroAndOne }),
])

/** A column of history.csv that a rule watches; losses are better when low, everything else when high. */
const monitor = z.enum(['validation_accuracy', 'validation_loss', 'validation_macro_f1', 'accuracy', 'loss'])

const stoppingRules = {
  /**
   * The monitor has not improved by more than `minChange` for `patience` epochs; with `minChange` 0, a lower validation loss at
   * the same value counts too. The best weights are the best by this monitor, or by validation accuracy without this rule.
   */
  early: z.strictObject({ monitor, patience: positiveInteger, minChange: z.number().min(0) }).nullable(),
  /** The last `epochs` values of the monitor, at least two, lie within `tolerance` of each other. */
  converged: z.strictObject({ monitor, epochs: z.int().min(2), tolerance: z.number().min(0) }).nullable(),
  /** The monitor got worse in each of the last `epochs` epochs. */
  overfitting: z.strictObject({ monitor, epochs: positiveInteger }).nullable(),
  /** The monitor has reached `value`. */
  target: z.strictObject({ monitor, value: z.number() }).nullable(),
}

/** `stopping` of an entry of `models`: the rules that it names replace those of `train`. */
const someStopping = z.strictObject({
  early: stoppingRules.early.exactOptional(),
  converged: stoppingRules.converged.exactOptional(),
  overfitting: stoppingRules.overfitting.exactOptional(),
  target: stoppingRules.target.exactOptional(),
})

/** `train`: the defaults of all configurations; an entry of `models` may override each. */
export const trainParams = z.strictObject({
  epochs: positiveInteger,
  batchSize: positiveInteger,
  /** Batch size of inference: for the features of a frozen backbone and for validation. */
  inferenceBatchSize: positiveInteger,
  learningRate: z.number().positive(),
  schedule,
  optimizer: z.enum(['adam', 'adamw', 'sgd']),
  /** Of sgd: the share of the last update that is added to the next. */
  momentum: z.number().min(0).lt(1),
  /** Of sgd with momentum: Nesterov's variant. */
  nesterov: z.boolean(),
  /** Of adamw: each step shrinks every weight by learning rate times this share. */
  weightDecay: z.number().min(0),
  /** Maximum norm of all gradients together; null: no limit. */
  clipNorm: z.number().positive().nullable(),
  /** Decay of the exponential moving average of the weights, which is validated and saved; null: no average. */
  ema: z.number().min(0).lt(1).nullable(),
  loss: z.enum(['cross-entropy', 'focal']),
  /** The share of the target that is spread evenly over all classes. */
  labelSmoothing: z.number().min(0).lt(1),
  /** Of the focal loss: the power of (1 - probability) that weights an example. */
  focalGamma: z.number().min(0),
  /** Of the focal loss: a constant factor. */
  focalAlpha: z.number().positive(),
  /** balanced: an example counts n / (k * n_c), with n_c of the n training images in its class, one of k. */
  classWeights: z.enum(['none', 'balanced']),
  /** shuffled: an epoch shows each image once; balanced: as many images, in each batch equally many of each class. */
  sampling: z.enum(['shuffled', 'balanced']),
  /** The share of its running statistics that a batch norm keeps in a step: Keras's 0.99 is too slow for a few hundred steps. */
  batchNormMomentum: z.number().min(0).lt(1),
  dropout: z.number().min(0).lt(1),
  /** Weight of the sum of squared kernels that is added to the loss. */
  l2: z.number().min(0),
  /** Rules that stop training before its epochs are over; null: off. */
  stopping: z.strictObject(stoppingRules),
  /** compiled: a step is one TensorFlow function; eager: it runs op by op. */
  engine: z.enum(['compiled', 'eager']),
  /** Makes an op an error if it may give other bits in another run, as some gradients do on a GPU. */
  deterministic: z.boolean(),
  /** Threads of one op, and ops at once: a number gives the same bytes on any number of cores; null: as many as there are cores. */
  threads: z.int().min(1).max(256).nullable(),
})

/** `checkpoint`: how often training saves its progress. No stage depends on it: changing it retrains nothing. */
export const checkpointParams = z.strictObject({ everyEpochs: positiveInteger, everyMinutes: z.number().positive() })

/** The keys of every entry of `models`: overrides of `train`, a seed and weights. */
const anyModel = {
  ...trainParams.partial().shape,
  stopping: someStopping.optional(),
  /** Replaces the global seed for this training: initial weights, order, dropout, transforms of each step. */
  seed: seedParam.optional(),
  weights: weightsSource.optional(),
}

const entry = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.strictObject({ ...anyModel, ...shape })

/** An entry of `models`. */
export const modelParams = z.discriminatedUnion('architecture', [
  entry(networkShapes.original),
  z.discriminatedUnion('mode', [entry(networkShapes.resnet), entry(networkShapes.resnetFineTuned)]),
  z.discriminatedUnion('mode', [entry(networkShapes.efficientnet), entry(networkShapes.efficientnetFineTuned)]),
  z.discriminatedUnion('mode', [entry(networkShapes.efficientnetv2), entry(networkShapes.efficientnetv2FineTuned)]),
  z.discriminatedUnion('mode', [entry(networkShapes.convnext), entry(networkShapes.convnextFineTuned)]),
  z.discriminatedUnion('mode', [entry(networkShapes.mobilenet), entry(networkShapes.mobilenetFineTuned)]),
])

/** `models`: the configurations, by name. */
export const modelsParams = z.preprocess(
  (entries, context) => {
    if (!isSection(entries)) return entries
    const names = Object.keys(entries) // here, since z.record drops `__proto__`
    if (names.length === 0) context.addIssue({ code: 'custom', message: 'must have at least one configuration' })
    for (const name of names.filter((each) => !CONFIG_NAME.test(each))) {
      const message = 'the name must be lower-case words and digits joined by single hyphens'
      context.addIssue({ code: 'custom', message, path: [name] })
    }
    return entries
  },
  z.record(z.string(), modelParams),
)

/** Whether images, and with them their labels, are mixed in training. */
export function isMixing(online: Pick<OnlineAugment, 'mixup' | 'cutmix'> | null | undefined): boolean {
  return (online?.mixup ?? 0) > 0 || (online?.cutmix ?? 0) > 0
}

/**
 * The paths of stopping rules, in `train` and in entries of `models`, that would monitor the accuracy on mixed images, which also
 * reflects how strongly they are mixed.
 */
export function mixedMonitors(
  online: z.infer<typeof onlineParams>,
  { stopping }: Pick<TrainParams, 'stopping'>,
  models: Readonly<Record<string, Pick<ModelEntry, 'mode' | 'stopping'>>>,
): string[][] {
  if (!isMixing(online)) return []
  return Object.entries(models).flatMap(([name, { mode, stopping: own = {} }]) => {
    if (mode === 'transfer') return []
    return Object.entries({ ...stopping, ...own })
      .filter(([, rule]) => rule?.monitor === 'accuracy')
      .map(([rule]) => (Object.hasOwn(own, rule) ? ['models', name, 'stopping', rule] : ['train', 'stopping', rule]))
  })
}

/** The sections of params.yaml that training depends on; of `models`, a stage checks only its own entry. */
const trainSections = {
  seed: seedParam,
  image: imageParams,
  augment: z.object({ ...transformRanges, online: onlineParams }),
  train: trainParams,
  checkpoint: checkpointParams,
}
type TrainSections = z.infer<z.ZodObject<typeof trainSections>>

export type TrainParams = z.infer<typeof trainParams>
export type StoppingParams = TrainParams['stopping']
export type Monitor = z.infer<typeof monitor>
export type CheckpointParams = z.infer<typeof checkpointParams>
export type ModelEntry = z.infer<typeof modelParams>
type Models = Readonly<Record<string, ModelEntry>>

/** Augmentation drawn in each step while a network is trained on images: the ranges of `augment`, and `augment.online`. */
export type OnlineAugment = TransformRanges & NonNullable<z.infer<typeof onlineParams>>

/** One configuration, with everything in params.yaml that its training depends on. */
export interface Configuration {
  readonly name: string
  /** Its entry of `models`. */
  readonly entry: ModelEntry
  /** `train` with what the entry overrides. */
  readonly train: TrainParams
  /** Of its initial weights, the order of its images and what it draws in a step; of this configuration alone. */
  readonly seed: number
  readonly image: ImageParams
  /** Undefined when it is off. */
  readonly online: OnlineAugment | undefined
  readonly checkpoint: CheckpointParams
  /** SHA-256 of the parameters of its training, from `trainingDigest`. */
  readonly trainingDigest: string
}

/** Reads the configuration of the stage train@`name` from params.yaml. @throws ConfigError with every error and its path */
export async function readConfiguration(name: string): Promise<Configuration> {
  const written = parseYaml(await readParamsFile(paths.params), paths.params)
  const { models: all } = checkParams(z.looseObject({ models: z.record(z.string(), z.unknown()) }), written)
  const models = Object.hasOwn(all, name) ? z.looseObject({ [name]: modelParams }) : modelsParams
  return selectConfiguration(await readParams({ ...trainSections, models }), name)
}

/** The configuration called `name`. @throws ConfigError that lists the existing names */
export function selectConfiguration(
  { train, models, seed, image, augment, checkpoint }: TrainSections & { readonly models: Models },
  name: string,
): Configuration {
  const entry = Object.hasOwn(models, name) ? models[name] : undefined
  if (!entry) {
    throw new ConfigError(
      `Expected a configuration, one of ${Object.keys(models).join(', ')}, received ${name || 'none'}. Add it to models in ${paths.params} or name another.`,
    )
  }
  const overrides = Object.fromEntries(Object.entries(entry).filter(([key]) => key in train))
  const { online, rotation, shift, shear, zoom, flip } = augment
  return {
    name,
    entry,
    train: { ...train, ...overrides, stopping: { ...train.stopping, ...entry.stopping } },
    seed: derivedSeed(entry.seed ?? seed, 'train', name),
    image,
    online: online === null ? undefined : { rotation, shift, shear, zoom, flip, ...online },
    checkpoint,
    trainingDigest: trainingDigest({ seed, image, train, models }, name),
  }
}
