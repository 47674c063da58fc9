import type { Tensor } from '@tensorflow/tfjs-core'
import { relu, relu6, sigmoid, softmax, swish, tanh } from './ops/activations.ts'
import { add, multiply, rescale } from './ops/arithmetic.ts'
import { frozenBatchNorm, trainingBatchNorm } from './ops/batch-norm.ts'
import { conv2d, depthwiseConv2d } from './ops/convolution.ts'
import { addBias, matMul } from './ops/dense.ts'
import { dropout } from './ops/dropout.ts'
import { averagePool, globalAveragePool, maxPool } from './ops/pooling.ts'
import { concatenate, reshape, zeroPad } from './ops/shape.ts'
import { attribute, DTYPE, ints, runOp, tf } from './raw.ts'

/** A layer's settings, as tfjs saves them. */
export type LayerConfig = Readonly<Record<string, unknown>>

/** What a layer may need beside its inputs. */
export interface LayerCall {
  readonly config: LayerConfig
  readonly weight: (role: string) => Tensor
  readonly hasWeight: (role: string) => boolean
  /** Training mode: dropout drops, and batch norm that is not frozen uses the statistics of the batch. */
  readonly training: boolean
  /** What a batch norm keeps of its running statistics in a step, in place of the layer's own setting. */
  readonly batchNormMomentum?: number | undefined
  /** Receives the new running statistics of a batch norm. */
  readonly updateStatistics: (mean: Tensor, variance: Tensor) => void
  /** An int32 tensor `[2]` of this layer and step. */
  readonly dropoutSeed: () => Tensor
  /** Leaves the last softmax away. */
  readonly asLogits: boolean
}

type Apply = (inputs: readonly Tensor[], call: LayerCall) => Tensor

/** Weights in the order in which tfjs saves them. */
export const WEIGHTS_OF_LAYER: Readonly<Record<string, readonly string[]>> = {
  Conv2D: ['kernel', 'bias'],
  DepthwiseConv2D: ['depthwise_kernel', 'bias'],
  Dense: ['kernel', 'bias'],
  BatchNormalization: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
}

/** What the engine does for each class of tfjs layers; the stock class is only for building, saving and other programs. */
export const LAYERS: Readonly<Record<string, Apply>> = {
  Rescaling: ([x], { config }) => rescale(x as Tensor, number(config.scale, 1), number(config.offset, 0)),
  Conv2D: ([x], call) =>
    finish(conv2d(x as Tensor, call.weight('kernel'), numbers(call.config.strides), padding(call.config)), call),
  DepthwiseConv2D: ([x], call) =>
    finish(
      depthwiseConv2d(x as Tensor, call.weight('depthwise_kernel'), numbers(call.config.strides), padding(call.config)),
      call,
    ),
  Dense: ([x], call) => finish(matMul(x as Tensor, call.weight('kernel')), call),
  BatchNormalization: batchNorm,
  Activation: ([x], call) => activate(x as Tensor, String(call.config.activation), call),
  ReLU: ([x], { config }) => (config.maxValue === 6 || config.max_value === 6 ? relu6(x as Tensor) : relu(x as Tensor)),
  ZeroPadding2D: ([x], { config }) => {
    const [[top = 0, bottom = 0] = [], [left = 0, right = 0] = []] = config.padding as number[][]
    return zeroPad(x as Tensor, [top, bottom, left, right])
  },
  MaxPooling2D: ([x], { config }) =>
    maxPool(x as Tensor, numbers(config.poolSize), numbers(config.strides), padding(config)),
  AveragePooling2D: ([x], { config }) =>
    averagePool(x as Tensor, numbers(config.poolSize), numbers(config.strides), padding(config)),
  GlobalAveragePooling2D: ([x]) => globalAveragePool(x as Tensor),
  Flatten: ([x]) => reshape(x as Tensor, [x?.shape[0] ?? 0, (x?.size ?? 0) / (x?.shape[0] ?? 1)]),
  Reshape: ([x], { config }) => reshape(x as Tensor, [x?.shape[0] ?? 0, ...numbers(config.targetShape)]),
  Dropout: ([x], call) => {
    const rate = number(call.config.rate, 0)
    if (!call.training || rate === 0) return (x as Tensor).clone()
    const noise = (call.config.noiseShape as (number | null)[] | null | undefined) ?? (x as Tensor).shape
    return dropout(
      x as Tensor,
      rate,
      call.dropoutSeed(),
      noise.map((size, axis) => size ?? x?.shape[axis] ?? 1),
    )
  },
  Add: (inputs) => inputs.slice(1).reduce((sum, x) => add(sum, x), inputs[0] as Tensor),
  Multiply: (inputs) => multiply(inputs[0] as Tensor, inputs[1] as Tensor),
  Concatenate: (inputs) => concatenate(inputs),
}

/** An int32 pair for the stateless random ops: the layer's own number, and the step's. */
export function seedPair(layerSeed: number, step: Tensor): Tensor {
  const attributes = [attribute.type('T', DTYPE.int32), attribute.int('N', 2), attribute.int('axis', 0)]
  return runOp('Pack', attributes, [
    tf.scalar(layerSeed, 'int32'),
    runOp('Reshape', [attribute.type('T', DTYPE.int32), attribute.type('Tshape', DTYPE.int32)], [step, ints([])]),
  ])
}

/** Gamma and beta are 1 and 0 where the layer has none. */
function batchNorm([x]: readonly Tensor[], call: LayerCall): Tensor {
  const { config, weight, hasWeight } = call
  const channels = x?.shape[3] ?? 0
  const inputs = {
    x: x as Tensor,
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
  relu: relu,
  relu6: relu6,
  sigmoid: sigmoid,
  tanh: tanh,
  swish: swish,
  silu: swish,
  softmax: softmax,
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

function numbers(value: unknown): readonly number[] {
  return Array.isArray(value) ? value : [number(value, 1)]
}
