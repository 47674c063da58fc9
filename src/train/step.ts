import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import type { Batch } from '../batches/batches.ts'
import { asFloat, batchTensor, withinMemory } from '../tensorflow/batch.ts'
import { openFunction } from '../tensorflow/compile.ts'
import { forward, type LayerGraph } from '../tensorflow/graph.ts'
import { batchLoss, type LossParams } from '../tensorflow/losses.ts'
import { sumOfSquares } from '../tensorflow/ops/arithmetic.ts'
import { brighten, mixRows, transformImages } from '../tensorflow/ops/augmentation.ts'
import type { Optimizer, StepNumbers } from '../tensorflow/optimizers.ts'
import { tf } from '../tensorflow/raw.ts'
import { assignVariable, readVariable, type Variable } from '../tensorflow/variables.ts'
import { drawOnline, type Mix, type OnlineDraw } from './online.ts'
import type { OnlineAugment, TrainParams } from './params.ts'

/** What a step computes with. */
export interface StepParts {
  readonly graph: LayerGraph
  /** All weights of the graph, by name. */
  readonly variables: ReadonlyMap<string, Variable>
  readonly trainable: readonly Variable[]
  readonly optimizer: Optimizer
  /** Of one input: `[S, S, 3]` or `[C]`. */
  readonly inputShape: readonly number[]
  /** Of `train`, with the weight of each class. */
  readonly params: LossParams & Pick<TrainParams, 'l2' | 'batchNormMomentum' | 'engine'>
  readonly seed: number
  readonly augment?: OnlineAugment | undefined
}

/** Takes training steps; dispose it. */
export interface TrainingStep {
  /**
   * Takes one step on a batch: forward, loss, gradients, optimizer, running statistics.
   *
   * @param step from 1; seeds dropout and augmentation
   * @param numbers of the optimizer for this step
   * @returns the mean loss and the number of correct predictions, as a tensor `[2]` that the caller disposes. Where images are
   * mixed, the label with the larger share is the correct one.
   */
  take(batch: Batch, step: number, numbers: StepNumbers): Tensor1D
  dispose(): void
}

/** Opens the step; compiled, it is traced once for each batch size. */
export function openStep(parts: StepParts): TrainingStep {
  const { inputShape, params } = parts
  const once = openFunction((inputs) => [stepOnce(parts, inputs)], { engine: params.engine, optimized: false })
  const take = (batch: Batch, step: number, numbers: StepNumbers): Tensor1D => {
    const { augment, seed } = parts
    const [count, size = 0] = [batch.labels.length, inputShape[0]]
    const drawn = augment && drawOnline(augment, { seed, step }, { count, size })
    const inputs = [
      batchTensor(batch.values, [count, ...inputShape]),
      tf.tensor1d(batch.labels, 'int32'),
      tf.tensor1d(dominantLabels(batch.labels, drawn?.mix), 'int32'),
      tf.scalar(step, 'int32'),
      ...numbers.map((number) => tf.scalar(number)),
      ...(drawn ? onlineTensors(drawn, size) : []),
    ]
    try {
      return once.run(inputs)[0] as Tensor1D
    } finally {
      tf.dispose(inputs)
    }
  }
  return {
    take: (batch, step, numbers) => {
      const given = { count: batch.labels.length, inputShape, batchSizeKey: 'train.batchSize' }
      return withinMemory(() => take(batch, step, numbers), given)
    },
    dispose: once.dispose,
  }
}

/** The label with the larger share of each image; its own where images are not mixed. */
function dominantLabels(labels: Batch['labels'], mix: Mix | undefined): Batch['labels'] {
  return mix && mix.share < 0.5 ? labels.map((own, row) => labels[mix.partners[row] ?? row] ?? own) : labels
}

/** The augmentation of a step as tensors: transforms and brightness, then partners, mask and share if images are mixed. */
function onlineTensors({ transforms, brightness, mix }: OnlineDraw, size: number): Tensor[] {
  const drawn = [tf.tensor2d(transforms, [brightness.length, 8]), tf.tensor1d(brightness)]
  if (mix === undefined) return drawn
  return [...drawn, tf.tensor1d(mix.partners, 'int32'), tf.tensor4d(mix.mask, [1, size, size, 1]), tf.scalar(mix.share)]
}

/** The images after augmentation, and the function that mixes their targets the same way. */
function augmented(images: Tensor, [transforms, brightness, partners, mask, share]: readonly Tensor[]) {
  const unmixed = { input: images, mix: (rows: Tensor) => rows }
  if (!transforms || !brightness) return unmixed
  const seen = brighten(transformImages(images, transforms), brightness)
  if (!partners || !mask || !share) return { ...unmixed, input: seen }
  return { input: mixRows(seen, partners, mask), mix: (rows: Tensor) => mixRows(rows, partners, share) }
}

/** One step as a function of tensors: batch, labels, correct answers, step, the optimizer's numbers and the augmentation. */
function stepOnce(parts: StepParts, [batch, labels, answers, step, ...others]: Tensor[]): Tensor {
  const { variables, trainable, seed, params } = parts
  const numbers = others.slice(0, parts.optimizer.numbers(1, 0).length)
  const { input, mix } = augmented(asFloat(batch as Tensor), others.slice(numbers.length))
  let logits: Tensor | undefined
  const loss = (...values: Tensor[]): Scalar => {
    const byName = new Map(trainable.map((variable, i) => [variable.name, values[i] as Tensor]))
    const output = forward(parts.graph, input, {
      weight: (name) => byName.get(name) ?? readVariable(variables.get(name) as Variable),
      training: true,
      asLogits: true,
      batchNormMomentum: params.batchNormMomentum,
      randomness: { seed, step: step as Tensor },
      updateStatistic: (name, value) => assignVariable(variables.get(name) as Variable, value),
    })
    logits = tf.keep(output)
    return addPenalty(batchLoss(output, labels as Tensor, params, mix), byName, params.l2) as Scalar
  }
  const { value, grads } = tf.valueAndGrads(loss)(trainable.map((variable) => readVariable(variable)))
  parts.optimizer.apply(grads, numbers as Scalar[])
  const correct = countCorrect(logits as Tensor, answers as Tensor)
  logits?.dispose()
  return tf.stack([value, correct])
}

/** ConvNeXt's factors of channels, which stock layers hold as 1x1 kernels. */
const LAYER_SCALE = /_layer_scale\//

/** Adds l2 times the sum of the squared kernels, as Keras's L2 regulariser does; biases, norms and layer scales are left out. */
function addPenalty(loss: Tensor, weights: ReadonlyMap<string, Tensor>, l2: number): Tensor {
  if (l2 === 0) return loss
  const kernels = [...weights].filter(([name]) => name.endsWith('kernel') && !LAYER_SCALE.test(name))
  const penalty = kernels.map(([, kernel]) => sumOfSquares(kernel)).reduce((sum, each) => tf.add(sum, each))
  return tf.add(loss, tf.mul(penalty, l2))
}

/** The number of rows of the logits with their maximum at the label, as a float32 scalar. */
function countCorrect(logits: Tensor, labels: Tensor): Tensor {
  return tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32'))
}
