import { z } from 'zod'
import { checkParams, readParams } from '../config/params.ts'
import { betweenZeroAndOne, CONFIG_NAME, imageParams, positiveInteger, seedParam } from '../config/shapes.ts'
import { ConfigError } from '../core/errors.ts'
import { paths } from '../core/paths.ts'
import { transformRanges } from '../images/transform.ts'
import { networkShapes, weightsSource } from '../network/params.ts'

/** `augment.online`: while a network is trained on images, another transform of each in every step; null: off. */
export const onlineParams = z
  .strictObject({
    /** Each image is multiplied with 1 - brightness to 1 + brightness. */
    brightness: z.number().min(0).lt(1),
    /** MixUp's alpha: images are added in shares drawn from Beta(alpha, alpha); 0: none are. */
    mixup: z.number().min(0),
    /** CutMix's alpha: a rectangle comes from another image. With mixup too, each step takes one of the two. */
    cutmix: z.number().min(0),
  })
  .nullable()

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

/** What an entry of `models` may say: the rules that it names replace those of `train`. */
const someStopping = z.strictObject({
  early: stoppingRules.early.exactOptional(),
  converged: stoppingRules.converged.exactOptional(),
  overfitting: stoppingRules.overfitting.exactOptional(),
  target: stoppingRules.target.exactOptional(),
})

/** `train`: what every configuration has unless its entry says otherwise. */
export const trainParams = z.strictObject({
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
  /** When training stops before its epochs are over; null: not for that reason. */
  stopping: z.strictObject(stoppingRules),
  /** Whether a step runs as one TensorFlow function or op by op. */
  engine: z.enum(['compiled', 'eager']),
  /** Makes an op that need not give the same bits twice an error; that concerns some gradients on a GPU. */
  deterministic: z.boolean(),
  /** Threads of one op, and ops at once, for the same bytes on any number of cores; null: as many as there are cores. */
  threads: z.int().min(1).max(256).nullable(),
})

/** `checkpoint`: how often training saves where it is. No stage depends on it: changing it retrains nothing. */
export const checkpointParams = z.strictObject({ everyEpochs: positiveInteger, everyMinutes: z.number().positive() })

/** What an entry of `models` may override of `train`, beside its own keys. */
const anyModel = {
  ...trainParams.partial().shape,
  stopping: someStopping.optional(),
  /** In place of the seed of all, for this training alone: weights to start with, order, dropout, transforms of each step. */
  seed: seedParam.optional(),
  weights: weightsSource.optional(),
}

const entry = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.strictObject({ ...anyModel, ...shape })

/** An entry of `models`. */
export const modelParams = z.discriminatedUnion('architecture', [
  entry(networkShapes.original),
  z.discriminatedUnion('mode', [entry(networkShapes.resnet), entry(networkShapes.resnetFineTuned)]),
  z.discriminatedUnion('mode', [entry(networkShapes.efficientnet), entry(networkShapes.efficientnetFineTuned)]),
  z.discriminatedUnion('mode', [entry(networkShapes.mobilenet), entry(networkShapes.mobilenetFineTuned)]),
])

/** `models`: the configurations, by name. */
export const modelsParams = z.record(z.string(), modelParams).superRefine((entries, context) => {
  const names = Object.keys(entries)
  if (names.length === 0) context.addIssue({ code: 'custom', message: 'must have at least one configuration' })
  for (const name of names.filter((each) => !CONFIG_NAME.test(each))) {
    const message = 'the name must be lower-case words and digits joined by single hyphens'
    context.addIssue({ code: 'custom', message, path: [name] })
  }
})

/** What training reads of `augment`. */
export const trainingAugment = { ...transformRanges, online: onlineParams }

/** The sections of params.yaml that training depends on; of `models`, a stage checks its own entry alone. */
const trainSections = {
  seed: seedParam,
  image: imageParams,
  augment: z.object(trainingAugment),
  train: trainParams,
  checkpoint: checkpointParams,
}
export type TrainStageParams = z.infer<z.ZodObject<typeof trainSections>>

export type TrainParams = z.infer<typeof trainParams>
export type StoppingParams = TrainParams['stopping']
export type Monitor = z.infer<typeof monitor>
export type CheckpointParams = z.infer<typeof checkpointParams>
export type TrainingAugment = TrainStageParams['augment']
export type ModelEntry = z.infer<typeof modelParams>

/** One configuration: its entry of `models`, and `train` with what the entry overrides. */
export interface Configuration {
  readonly name: string
  readonly entry: ModelEntry
  readonly train: TrainParams
}

/** What the stage train@`name` reads of params.yaml. @throws ConfigError with every error and its path */
export async function readTrainParams(
  name: string,
): Promise<{ configuration: Configuration; params: TrainStageParams }> {
  const { models: all } = await readParams({ models: z.record(z.string(), z.unknown()) })
  const own = Object.hasOwn(all, name) ? { [name]: all[name] } : all
  const params = await readParams(trainSections)
  const models = checkParams(modelsParams, own, `models in ${paths.params}`)
  return { configuration: selectConfiguration({ ...params, models }, name), params }
}

/** The configuration of that name. @throws ConfigError that lists the names that exist */
export function selectConfiguration(
  { train, models }: { readonly train: TrainParams; readonly models: Readonly<Record<string, ModelEntry>> },
  name: string,
): Configuration {
  const entry = Object.hasOwn(models, name) ? models[name] : undefined
  if (!entry) {
    throw new ConfigError(
      `Expected a configuration, one of ${Object.keys(models).join(', ')}, received ${name || 'none'}. Add it to models in ${paths.params} or name another.`,
    )
  }
  const overrides = Object.fromEntries(Object.entries(entry).filter(([key]) => key in train))
  return { name, entry, train: { ...train, ...overrides, stopping: { ...train.stopping, ...entry.stopping } } }
}
