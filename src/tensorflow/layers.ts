import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { derivedSeed } from '../core/random.ts'
import { gelu, relu, relu6, sigmoid, swish, tanh } from './ops/activations.ts'
import { globalAveragePool } from './ops/arithmetic.ts'
import { frozenBatchNorm, trainingBatchNorm } from './ops/batch-norm.ts'
import { addBias, matMul } from './ops/dense.ts'
import { dropout } from './ops/dropout.ts'
import { layerNorm } from './ops/layer-norm.ts'
import { tf } from './raw.ts'

/** The config of a layer, as tfjs saves it. */
export type LayerConfig = Readonly<Record<string, unknown>>

/** One weight of a layer. */
export interface WeightSpec {
  /** The name it is saved under: `conv1/kernel`. */
  readonly name: string
  /** `kernel`, `bias`, `gamma`, … */
  readonly role: string
  readonly shape: readonly number[]
  /** Whether training may change it. */
  readonly trainable: boolean
}

/** One layer as the engine runs it. */
export interface LayerNode {
  readonly name: string
  readonly className: string
  readonly config: LayerConfig
  /** Names of the layers whose outputs it takes. */
  readonly inputs: readonly string[]
  readonly weights: readonly WeightSpec[]
  /** False freezes the layer: no gradients, and batch norm in inference mode. */
  readonly trainable: boolean
  /** Of a trainable batch norm: it runs in inference mode, so that gamma and beta learn and its statistics stay. */
  readonly keepsStatistics?: boolean
}

/** How a graph is run. */
export interface ForwardOptions {
  /** The value of a weight, by its full name. */
  readonly weight: (name: string) => Tensor
  readonly training: boolean
  /** Skips the last softmax: losses take logits. */
  readonly asLogits: boolean
  /** In training: the run's seed and the number of the step, an int32 scalar. Dropout masks follow from both and the layer. */
  readonly randomness?: { readonly seed: number; readonly step: Tensor }
  /** In training: the momentum of every batch norm, in place of the layer's own. */
  readonly batchNormMomentum?: number
  /** In training: called with each new running statistic and the weight's full name. */
  readonly updateStatistic?: (name: string, value: Tensor) => void
  /** Called with the output of each layer. */
  readonly onOutput?: (layer: string, output: Tensor) => void
}

type Apply = (inputs: readonly [Tensor, ...Tensor[]], layer: LayerNode, options: ForwardOptions) => Tensor

/** The engine's implementation of each tfjs layer class; the stock layers only build and save networks. */
export const LAYERS: Readonly<Record<string, Apply>> = {
  Rescaling: ([x], { config }) => tf.add(tf.mul(x, number(config.scale, 1)), number(config.offset, 0)),
  Conv2D: ([x], layer, options) => {
    const kernel = weightOf(layer, 'kernel', options) as Tensor4D
    return finish(tf.conv2d(x as Tensor4D, kernel, pair(layer.config.strides), padding(layer)), layer, options)
  },
  DepthwiseConv2D: ([x], layer, options) => {
    const kernel = weightOf(layer, 'depthwise_kernel', options) as Tensor4D
    return finish(tf.depthwiseConv2d(x as Tensor4D, kernel, pair(layer.config.strides), padding(layer)), layer, options)
  },
  Dense: ([x], layer, options) => finish(matMul(x, weightOf(layer, 'kernel', options) as Tensor), layer, options),
  BatchNormalization: batchNorm,
  LayerNormalization: ([x], layer, options) => {
    const [gamma, beta] = [weightOf(layer, 'gamma', options) as Tensor, weightOf(layer, 'beta', options) as Tensor]
    return layerNorm(x, gamma, beta, number(layer.config.epsilon, 1e-3))
  },
  Activation: ([x], { config }, options) => activate(x, String(config.activation), options),
  ReLU: ([x], { config }) => (config.maxValue === 6 || config.max_value === 6 ? relu6(x) : relu(x)),
  ZeroPadding2D: ([x], { config }) => tf.pad(x, [[0, 0], ...(config.padding as [number, number][]), [0, 0]]),
  MaxPooling2D: ([x], layer) =>
    tf.maxPool(x as Tensor4D, pair(layer.config.poolSize), pair(layer.config.strides), padding(layer)),
  GlobalAveragePooling2D: ([x]) => globalAveragePool(x),
  Flatten: ([x]) => tf.reshape(x, [x.shape[0] ?? 0, -1]),
  Reshape: ([x], { config }) => tf.reshape(x, [x.shape[0] ?? 0, ...(config.targetShape as number[])]),
  Dropout: ([x], layer, options) => {
    const rate = number(layer.config.rate, 0)
    if (!isTraining(layer, options) || rate === 0) return x.clone()
    const noise = (layer.config.noiseShape as (number | null)[] | null | undefined) ?? x.shape
    const noiseShape = noise.map((size, axis) => size ?? x.shape[axis] ?? 1)
    return dropout(x, rate, dropoutSeed(layer, options), noiseShape)
  },
  Add: ([first, ...others]) => others.reduce<Tensor>((sum, x) => tf.add(sum, x), first),
  Multiply: ([x, scale]) => tf.mul(x, scale as Tensor),
}

/** Without `scale` or `center` there is no gamma or beta: 1 and 0. */
function batchNorm([x]: readonly [Tensor, ...Tensor[]], layer: LayerNode, options: ForwardOptions): Tensor {
  const { config, name } = layer
  const channels = x.shape[3] ?? 0
  const inputs = {
    x,
    gamma: weightOf(layer, 'gamma', options) ?? tf.ones([channels]),
    beta: weightOf(layer, 'beta', options) ?? tf.zeros([channels]),
    mean: weightOf(layer, 'moving_mean', options) as Tensor,
    variance: weightOf(layer, 'moving_variance', options) as Tensor,
    epsilon: number(config.epsilon, 1e-3),
  }
  if (!isTraining(layer, options)) return frozenBatchNorm(inputs)
  const momentum = options.batchNormMomentum ?? number(config.momentum, 0.99)
  return trainingBatchNorm(inputs, momentum, (mean, variance) => {
    options.updateStatistic?.(`${name}/moving_mean`, mean)
    options.updateStatistic?.(`${name}/moving_variance`, variance)
  })
}

function finish(x: Tensor, layer: LayerNode, options: ForwardOptions): Tensor {
  const bias = weightOf(layer, 'bias', options)
  return activate(bias ? addBias(x, bias) : x, String(layer.config.activation ?? 'linear'), options)
}

/** Undefined where the layer has no such weight. */
function weightOf({ weights }: LayerNode, role: string, options: ForwardOptions): Tensor | undefined {
  const spec = weights.find((weight) => weight.role === role)
  return spec && options.weight(spec.name)
}

function isTraining({ trainable, keepsStatistics }: LayerNode, { training }: ForwardOptions): boolean {
  return training && trainable && keepsStatistics !== true
}

/** The seed of this layer and step, int32 `[2]`. */
function dropoutSeed({ name }: LayerNode, { randomness }: ForwardOptions): Tensor {
  if (!randomness) throw new Error(`dropout in ${name} needs a seed`)
  return tf.stack([tf.scalar(derivedSeed(randomness.seed, 'dropout', name), 'int32'), randomness.step])
}

const ACTIVATIONS: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  linear: (x) => x,
  relu,
  relu6,
  sigmoid,
  tanh,
  swish,
  silu: swish,
  gelu,
  softmax: (logits) => tf.softmax(logits),
}

function activate(x: Tensor, name: string, { asLogits }: ForwardOptions): Tensor {
  if (name === 'softmax' && asLogits) return x
  const activation = ACTIVATIONS[name]
  if (!activation) throw new Error(`the engine does not know the activation ${name}`)
  return activation(x)
}

function padding({ config }: LayerNode): 'same' | 'valid' {
  return config.padding === 'same' ? 'same' : 'valid'
}

function number(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}

/** Height and width. */
function pair(value: unknown): [number, number] {
  return Array.isArray(value) ? (value as [number, number]) : [number(value, 1), number(value, 1)]
}
