import type { Tensor } from '@tensorflow/tfjs-core'
import { relu, relu6, sigmoid, softmax, swish, tanh } from './ops/activations.ts'
import { add, multiply, rescale } from './ops/arithmetic.ts'
import { frozenBatchNorm, trainingBatchNorm } from './ops/batch-norm.ts'
import { conv2d, depthwiseConv2d, type Padding } from './ops/convolution.ts'
import { addBias, matMul } from './ops/dense.ts'
import { dropout } from './ops/dropout.ts'
import { globalAveragePool, maxPool } from './ops/pooling.ts'
import { reshape, zeroPad } from './ops/shape.ts'
import { attribute, DTYPE, ints, runOp, tf } from './raw.ts'

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

/** The weights of each layer class, in the order of tfjs. */
export const WEIGHTS_OF_LAYER: Readonly<Record<string, readonly string[]>> = {
  Conv2D: ['kernel', 'bias'],
  DepthwiseConv2D: ['depthwise_kernel', 'bias'],
  Dense: ['kernel', 'bias'],
  BatchNormalization: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
}

/** The engine's implementation of each tfjs layer class; the stock layers only build and save networks. */
export const LAYERS: Readonly<Record<string, Apply>> = {
  Rescaling: ([x], { config }) => rescale(x, number(config.scale, 1), number(config.offset, 0)),
  Conv2D: ([x], call) =>
    finish(conv2d(x, call.weight('kernel'), numbers(call.config.strides), padding(call.config)), call),
  DepthwiseConv2D: ([x], call) =>
    finish(
      depthwiseConv2d(x, call.weight('depthwise_kernel'), numbers(call.config.strides), padding(call.config)),
      call,
    ),
  Dense: ([x], call) => finish(matMul(x, call.weight('kernel')), call),
  BatchNormalization: batchNorm,
  Activation: ([x], call) => activate(x, String(call.config.activation), call),
  ReLU: ([x], { config }) => (config.maxValue === 6 || config.max_value === 6 ? relu6(x) : relu(x)),
  ZeroPadding2D: ([x], { config }) => {
    const [[top = 0, bottom = 0] = [], [left = 0, right = 0] = []] = config.padding as number[][]
    return zeroPad(x, [top, bottom, left, right])
  },
  MaxPooling2D: ([x], { config }) => maxPool(x, numbers(config.poolSize), numbers(config.strides), padding(config)),
  GlobalAveragePooling2D: ([x]) => globalAveragePool(x),
  Flatten: ([x]) => reshape(x, [x.shape[0] ?? 0, x.size / (x.shape[0] ?? 1)]),
  Reshape: ([x], { config }) => reshape(x, [x.shape[0] ?? 0, ...numbers(config.targetShape)]),
  Dropout: ([x], call) => {
    const rate = number(call.config.rate, 0)
    if (!call.training || rate === 0) return x.clone()
    const noise = (call.config.noiseShape as (number | null)[] | null | undefined) ?? x.shape
    const noiseShape = noise.map((size, axis) => size ?? x.shape[axis] ?? 1)
    return dropout(x, rate, call.dropoutSeed(), noiseShape)
  },
  Add: ([first, ...others]) => others.reduce<Tensor>((sum, x) => add(sum, x), first),
  Multiply: ([x, scale]) => multiply(x, scale as Tensor),
}

/** The seed of a stateless random op, int32 `[2]`: the layer's seed and the step. */
export function seedPair(layerSeed: number, step: Tensor): Tensor {
  const attributes = [attribute.type('T', DTYPE.int32), attribute.int('N', 2), attribute.int('axis', 0)]
  return runOp('Pack', attributes, [
    tf.scalar(layerSeed, 'int32'),
    runOp('Reshape', [attribute.type('T', DTYPE.int32), attribute.type('Tshape', DTYPE.int32)], [step, ints([])]),
  ])
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
  softmax,
}

function activate(x: Tensor, name: string, { asLogits }: LayerCall): Tensor {
  if (name === 'softmax' && asLogits) return x
  const activation = ACTIVATIONS[name]
  if (!activation) throw new Error(`the engine does not know the activation ${name}`)
  return activation(x)
}

function padding(config: LayerConfig): Padding {
  return config.padding === 'same' ? 'same' : 'valid'
}

function number(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}

function numbers(value: unknown): readonly number[] {
  return Array.isArray(value) ? value : [number(value, 1)]
}
