import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { relu, relu6, sigmoid, swish, tanh } from './ops/activations.ts'
import { globalAveragePool } from './ops/arithmetic.ts'
import { frozenBatchNorm, trainingBatchNorm } from './ops/batch-norm.ts'
import { addBias, matMul } from './ops/dense.ts'
import { dropout } from './ops/dropout.ts'
import { tf } from './raw.ts'

/** The config of a layer, as tfjs saves it. */
export type LayerConfig = Readonly<Record<string, unknown>>

/** Everything that a layer may read beside its inputs. */
export interface LayerCall {
  readonly config: LayerConfig
  readonly weight: (role: string) => Tensor
  readonly hasWeight: (role: string) => boolean
  /** Training mode: dropout drops, and batch norm uses the statistics of the batch. */
  readonly training: boolean
  /** Momentum of a batch norm's running statistics, in place of the layer's own. */
  readonly batchNormMomentum?: number | undefined
  /** Called with the new running statistics of a batch norm. */
  readonly updateStatistics: (mean: Tensor, variance: Tensor) => void
  /** The seed of this layer and step, int32 `[2]`. */
  readonly dropoutSeed: () => Tensor
  /** Skips the softmax. */
  readonly asLogits: boolean
}

type Apply = (inputs: readonly [Tensor, ...Tensor[]], call: LayerCall) => Tensor

/** The engine's implementation of each tfjs layer class; the stock layers only build and save networks. */
export const LAYERS: Readonly<Record<string, Apply>> = {
  Rescaling: ([x], { config }) => tf.add(tf.mul(x, number(config.scale, 1)), number(config.offset, 0)),
  Conv2D: ([x], call) =>
    finish(
      tf.conv2d(x as Tensor4D, call.weight('kernel') as Tensor4D, pair(call.config.strides), padding(call.config)),
      call,
    ),
  DepthwiseConv2D: ([x], call) => {
    const kernel = call.weight('depthwise_kernel') as Tensor4D
    return finish(tf.depthwiseConv2d(x as Tensor4D, kernel, pair(call.config.strides), padding(call.config)), call)
  },
  Dense: ([x], call) => finish(matMul(x, call.weight('kernel')), call),
  BatchNormalization: batchNorm,
  Activation: ([x], call) => activate(x, String(call.config.activation), call),
  ReLU: ([x], { config }) => (config.maxValue === 6 || config.max_value === 6 ? relu6(x) : relu(x)),
  ZeroPadding2D: ([x], { config }) => tf.pad(x, [[0, 0], ...(config.padding as [number, number][]), [0, 0]]),
  MaxPooling2D: ([x], { config }) =>
    tf.maxPool(x as Tensor4D, pair(config.poolSize), pair(config.strides), padding(config)),
  GlobalAveragePooling2D: ([x]) => globalAveragePool(x),
  Flatten: ([x]) => tf.reshape(x, [x.shape[0] ?? 0, -1]),
  Reshape: ([x], { config }) => tf.reshape(x, [x.shape[0] ?? 0, ...(config.targetShape as number[])]),
  Dropout: ([x], call) => {
    const rate = number(call.config.rate, 0)
    if (!call.training || rate === 0) return x.clone()
    const noise = (call.config.noiseShape as (number | null)[] | null | undefined) ?? x.shape
    const noiseShape = noise.map((size, axis) => size ?? x.shape[axis] ?? 1)
    return dropout(x, rate, call.dropoutSeed(), noiseShape)
  },
  Add: ([first, ...others]) => others.reduce<Tensor>((sum, x) => tf.add(sum, x), first),
  Multiply: ([x, scale]) => tf.mul(x, scale as Tensor),
}

/** Without `scale` or `center` there is no gamma or beta: 1 and 0. */
function batchNorm([x]: readonly [Tensor, ...Tensor[]], call: LayerCall): Tensor {
  const { config, weight, hasWeight } = call
  const channels = x.shape[3] ?? 0
  const inputs = {
    x,
    gamma: hasWeight('gamma') ? weight('gamma') : tf.ones([channels]),
    beta: hasWeight('beta') ? weight('beta') : tf.zeros([channels]),
    mean: weight('moving_mean'),
    variance: weight('moving_variance'),
    epsilon: number(config.epsilon, 1e-3),
  }
  if (!call.training) return frozenBatchNorm(inputs)
  return trainingBatchNorm(inputs, call.batchNormMomentum ?? number(config.momentum, 0.99), call.updateStatistics)
}

function finish(x: Tensor, call: LayerCall): Tensor {
  const biased = call.hasWeight('bias') ? addBias(x, call.weight('bias')) : x
  return activate(biased, String(call.config.activation ?? 'linear'), call)
}

const ACTIVATIONS: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  linear: (x) => x,
  relu,
  relu6,
  sigmoid,
  tanh,
  swish,
  silu: swish,
  softmax: (logits) => tf.softmax(logits),
}

function activate(x: Tensor, name: string, { asLogits }: LayerCall): Tensor {
  if (name === 'softmax' && asLogits) return x
  const activation = ACTIVATIONS[name]
  if (!activation) throw new Error(`the engine does not know the activation ${name}`)
  return activation(x)
}

function padding(config: LayerConfig): 'same' | 'valid' {
  return config.padding === 'same' ? 'same' : 'valid'
}

function number(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}

/** Height and width. */
function pair(value: unknown): [number, number] {
  return Array.isArray(value) ? (value as [number, number]) : [number(value, 1), number(value, 1)]
}
