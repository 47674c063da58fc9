import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import { type Attribute, attribute, DTYPE, FLOAT, ints, runOp, runOps } from './raw.ts'
import { tf } from './runtime.ts'

/**
 * Differentiable ops, each one or two TensorFlow kernels forward and backward.
 *
 * tfjs builds the gradients of some ops from many kernels and arrays made in JavaScript, and some it gets wrong (batch
 * norm, seeded dropout). Here the forward and the gradient kernel of TensorFlow itself are paired with `tf.customGrad`.
 * A gradient may use only `dy` and what was passed to `save`: anything else is disposed by then.
 */

/** 'same' and 'valid' are TensorFlow's; numbers are pixels before and after: [top, bottom, left, right]. */
export type Padding = 'same' | 'valid' | readonly [number, number, number, number]

const NHWC = attribute.string('data_format', 'NHWC')
const INT_INDEX = attribute.type('Tidx', DTYPE.int32)

type Save = (tensors: Tensor[]) => void

/** `tf.customGrad` with the types that it takes when it runs. */
export function withGradient<T extends Tensor>(
  inputs: readonly Tensor[],
  forward: (save: Save) => { value: Tensor; gradient: (dy: Tensor, saved: Tensor[]) => Tensor | Tensor[] },
): T {
  const op = tf.customGrad((...both) => {
    const { value, gradient } = forward(both[both.length - 1] as unknown as Save)
    return { value, gradFunc: gradient }
  })
  return op(...(inputs as Tensor[])) as T
}

function convolutionAttributes(
  strides: readonly number[],
  padding: Padding,
  dilations: readonly number[] = [1, 1],
): Attribute[] {
  const [height = 1, width = height] = strides
  const [dilatedHeight = 1, dilatedWidth = dilatedHeight] = dilations
  return [
    FLOAT,
    attribute.int('strides', [1, height, width, 1]),
    ...paddingAttributes(padding),
    NHWC,
    attribute.int('dilations', [1, dilatedHeight, dilatedWidth, 1]),
  ]
}

function paddingAttributes(padding: Padding): Attribute[] {
  if (typeof padding === 'string') {
    return [attribute.string('padding', padding.toUpperCase()), attribute.int('explicit_paddings', [])]
  }
  return [attribute.string('padding', 'EXPLICIT'), attribute.int('explicit_paddings', [0, 0, ...padding, 0, 0])]
}

/** Convolution: images `[N, H, W, C]`, kernel `[h, w, C, F]` → `[N, H', W', F]`, float32. */
export function conv2d(images: Tensor, kernel: Tensor, strides: readonly number[], padding: Padding): Tensor4D {
  const attributes = convolutionAttributes(strides, padding)
  return withGradient([images, kernel], (save) => {
    save([images, kernel])
    return {
      value: runOp('Conv2D', [...attributes, attribute.bool('use_cudnn_on_gpu', true)], [images, kernel]),
      gradient: (dy, [x, k]) => [
        runOp(
          'Conv2DBackpropInput',
          [...attributes, attribute.bool('use_cudnn_on_gpu', true)],
          [ints(x?.shape ?? []), k as Tensor, dy],
        ),
        runOp(
          'Conv2DBackpropFilter',
          [...attributes, attribute.bool('use_cudnn_on_gpu', true)],
          [x as Tensor, ints(k?.shape ?? []), dy],
        ),
      ],
    }
  })
}

/** Depthwise convolution: images `[N, H, W, C]`, kernel `[h, w, C, 1]` → `[N, H', W', C]`, float32. */
export function depthwiseConv2d(
  images: Tensor,
  kernel: Tensor,
  strides: readonly number[],
  padding: Padding,
): Tensor4D {
  const attributes = convolutionAttributes(strides, padding)
  return withGradient([images, kernel], (save) => {
    save([images, kernel])
    return {
      value: runOp('DepthwiseConv2dNative', attributes, [images, kernel]),
      gradient: (dy, [x, k]) => [
        runOp('DepthwiseConv2dNativeBackpropInput', attributes, [ints(x?.shape ?? []), k as Tensor, dy]),
        runOp('DepthwiseConv2dNativeBackpropFilter', attributes, [x as Tensor, ints(k?.shape ?? []), dy]),
      ],
    }
  })
}

/** Adds `bias` `[C]` to the last axis. */
export function addBias<T extends Tensor>(x: T, bias: Tensor): T {
  return withGradient([x, bias], () => ({
    value: runOp('BiasAdd', [FLOAT, NHWC], [x, bias]),
    gradient: (dy) => [dy.clone(), runOp('BiasAddGrad', [FLOAT, NHWC], [dy])],
  }))
}

/** An activation whose gradient kernel takes its output. */
function activation<T extends Tensor>(op: string, gradientOf: (dy: Tensor, y: Tensor) => Tensor, x: T): T {
  return withGradient([x], (save) => {
    const value = runOp(op, [FLOAT], [x])
    save([value])
    return { value, gradient: (dy, [y]) => gradientOf(dy, y as Tensor) }
  })
}

export const relu = <T extends Tensor>(x: T): T => activation('Relu', (dy, y) => runOp('ReluGrad', [FLOAT], [dy, y]), x)
export const relu6 = <T extends Tensor>(x: T): T =>
  activation('Relu6', (dy, y) => runOp('Relu6Grad', [FLOAT], [dy, y]), x)
export const sigmoid = <T extends Tensor>(x: T): T =>
  activation('Sigmoid', (dy, y) => runOp('SigmoidGrad', [FLOAT], [y, dy]), x)
export const tanh = <T extends Tensor>(x: T): T => activation('Tanh', (dy, y) => runOp('TanhGrad', [FLOAT], [y, dy]), x)

/** x · sigmoid(x). Keeps its input alone: with s = sigmoid(x) and y = x · s, dx = dy · (s + y · (1 − s)). */
export function swish<T extends Tensor>(x: T): T {
  return withGradient([x], (save) => {
    save([x])
    return {
      value: multiplyRaw(x, runOp('Sigmoid', [FLOAT], [x])),
      gradient: (dy, [input]) => {
        const s = runOp('Sigmoid', [FLOAT], [input as Tensor])
        const y = multiplyRaw(input as Tensor, s)
        const rest = multiplyRaw(y, runOp('Sub', [FLOAT], [tf.scalar(1), s]))
        return multiplyRaw(dy, runOp('AddV2', [FLOAT], [s, rest]))
      },
    }
  })
}

function multiplyRaw(a: Tensor, b: Tensor): Tensor {
  return runOp('Mul', [FLOAT], [a, b])
}

/** Greatest value of each window: `[N, H, W, C]` → `[N, H', W', C]`. */
export function maxPool(
  x: Tensor,
  size: readonly number[],
  strides: readonly number[],
  padding: 'same' | 'valid',
): Tensor4D {
  const attributes = poolAttributes(size, strides, padding)
  return withGradient([x], (save) => {
    const value = runOp('MaxPool', [...attributes, attribute.int('explicit_paddings', [])], [x])
    save([x, value])
    return {
      value,
      gradient: (dy, [input, output]) =>
        runOp(
          'MaxPoolGrad',
          [...attributes, attribute.int('explicit_paddings', [])],
          [input as Tensor, output as Tensor, dy],
        ),
    }
  })
}

/** Mean of each window: `[N, H, W, C]` → `[N, H', W', C]`. */
export function averagePool(
  x: Tensor,
  size: readonly number[],
  strides: readonly number[],
  padding: 'same' | 'valid',
): Tensor4D {
  const attributes = poolAttributes(size, strides, padding)
  const shape = x.shape
  return withGradient([x], () => ({
    value: runOp('AvgPool', attributes, [x]),
    gradient: (dy) => runOp('AvgPoolGrad', attributes, [ints(shape), dy]),
  }))
}

function poolAttributes(size: readonly number[], strides: readonly number[], padding: 'same' | 'valid'): Attribute[] {
  const [height = 1, width = height] = size
  const [down = 1, right = down] = strides
  return [
    FLOAT,
    attribute.int('ksize', [1, height, width, 1]),
    attribute.int('strides', [1, down, right, 1]),
    attribute.string('padding', padding.toUpperCase()),
    NHWC,
  ]
}

/** Mean over height and width: `[N, H, W, C]` → `[N, C]`. */
export function globalAveragePool(x: Tensor): Tensor2D {
  const [count = 0, height = 1, width = 1, channels = 0] = x.shape
  return withGradient([x], () => ({
    value: runOp('Mean', [attribute.bool('keep_dims', false), FLOAT, INT_INDEX], [x, ints([1, 2])]),
    gradient: (dy) => {
      const share = multiplyRaw(dy, tf.scalar(1 / (height * width)))
      const pixel = reshapeRaw(share, [count, 1, 1, channels])
      return runOp('BroadcastTo', [FLOAT, INT_INDEX], [pixel, ints([count, height, width, channels])])
    },
  }))
}

/** Product of matrices: `[N, A]` and `[A, B]` → `[N, B]`. */
export function matMul(x: Tensor, kernel: Tensor): Tensor2D {
  return withGradient([x, kernel], (save) => {
    save([x, kernel])
    return {
      value: matMulRaw(x, kernel, false, false),
      gradient: (dy, [input, k]) => [
        matMulRaw(dy, k as Tensor, false, true),
        matMulRaw(input as Tensor, dy, true, false),
      ],
    }
  })
}

function matMulRaw(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return runOp(
    'MatMul',
    [FLOAT, attribute.bool('transpose_a', transposeA), attribute.bool('transpose_b', transposeB)],
    [a, b],
  )
}

/** The same values in another shape. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const before = x.shape
  return withGradient([x], () => ({ value: reshapeRaw(x, shape), gradient: (dy) => reshapeRaw(dy, before) }))
}

function reshapeRaw(x: Tensor, shape: readonly number[]): Tensor {
  return runOp('Reshape', [FLOAT, attribute.type('Tshape', DTYPE.int32)], [x, ints(shape)])
}

/** Zeros around height and width; padding is [top, bottom, left, right]. */
export function zeroPad(x: Tensor, [top, bottom, left, right]: readonly [number, number, number, number]): Tensor4D {
  const shape = x.shape
  return withGradient([x], () => ({
    value: runOp(
      'Pad',
      [FLOAT, attribute.type('Tpaddings', DTYPE.int32)],
      [x, tf.tensor2d([0, 0, top, bottom, left, right, 0, 0], [4, 2], 'int32')],
    ),
    gradient: (dy) =>
      runOp('Slice', [FLOAT, attribute.type('Index', DTYPE.int32)], [dy, ints([0, top, left, 0]), ints(shape)]),
  }))
}

/** Sum of two tensors of the same shape. */
export function add(a: Tensor, b: Tensor): Tensor {
  return withGradient([a, b], () => ({
    value: runOp('AddV2', [FLOAT], [a, b]),
    gradient: (dy) => [dy.clone(), dy.clone()],
  }))
}

/** Product of `x` `[N, H, W, C]` with `scale` of the same shape or `[N, 1, 1, C]`. */
export function multiply(x: Tensor, scale: Tensor): Tensor {
  const broadcast = x.shape.some((size, axis) => size !== scale.shape[axis])
  return withGradient([x, scale], (save) => {
    save([x, scale])
    return {
      value: multiplyRaw(x, scale),
      gradient: (dy, [input, factor]) => {
        const full = multiplyRaw(dy, input as Tensor)
        return [
          multiplyRaw(dy, factor as Tensor),
          broadcast ? runOp('Sum', [attribute.bool('keep_dims', true), FLOAT, INT_INDEX], [full, ints([1, 2])]) : full,
        ]
      },
    }
  })
}

/** x · scale + offset with plain numbers. */
export function rescale<T extends Tensor>(x: T, scale: number, offset: number): T {
  return withGradient([x], () => ({
    value: runOp('AddV2', [FLOAT], [multiplyRaw(x, tf.scalar(scale)), tf.scalar(offset)]),
    gradient: (dy) => multiplyRaw(dy, tf.scalar(scale)),
  }))
}

/** Tensors put together along the last axis. */
export function concatenate(tensors: readonly Tensor[]): Tensor {
  const axis = (tensors[0]?.rank ?? 1) - 1
  const sizes = tensors.map((tensor) => tensor.shape[axis] ?? 0)
  return withGradient(tensors, () => ({
    value: runOp(
      'ConcatV2',
      [FLOAT, INT_INDEX, attribute.int('N', tensors.length)],
      [...tensors, tf.scalar(axis, 'int32')],
    ),
    gradient: (dy) =>
      sizes.map((size, place) => {
        const start = sizes.slice(0, place).reduce((sum, before) => sum + before, 0)
        const begin = dy.shape.map((_, i) => (i === axis ? start : 0))
        const extent = dy.shape.map((whole, i) => (i === axis ? size : whole))
        return runOp('Slice', [FLOAT, attribute.type('Index', DTYPE.int32)], [dy, ints(begin), ints(extent)])
      }),
  }))
}

/** What batch norm reads: gamma, beta and the running statistics, each `[C]`. */
export interface BatchNormInputs {
  readonly x: Tensor
  readonly gamma: Tensor
  readonly beta: Tensor
  readonly mean: Tensor
  readonly variance: Tensor
  readonly epsilon: number
}

/**
 * Batch norm with the running statistics, for inference and for frozen layers: differentiable in x, gamma and beta.
 *
 * Source: keras/src/layers/normalization/batch_normalization.py (`trainable = False` means inference mode).
 */
export function frozenBatchNorm({ x, gamma, beta, mean, variance, epsilon }: BatchNormInputs): Tensor4D {
  const attributes = [
    FLOAT,
    attribute.type('U', DTYPE.float32),
    attribute.float('epsilon', epsilon),
    NHWC,
    attribute.bool('is_training', false),
  ]
  return withGradient([x, gamma, beta], (save) => {
    const [y] = runOps(
      'FusedBatchNormV3',
      [...attributes, attribute.float('exponential_avg_factor', 1)],
      [x, gamma, beta, mean, variance],
      6,
    )
    save([x, gamma, mean, variance])
    return {
      value: y as Tensor,
      gradient: (dy, [input, g, m, v]) =>
        runOps(
          'FusedBatchNormGradV3',
          attributes,
          [dy, input as Tensor, g as Tensor, m as Tensor, v as Tensor, v as Tensor],
          5,
        ).slice(0, 3),
    }
  })
}

/**
 * Batch norm with the statistics of the batch; `update` receives the new running mean and variance.
 *
 * new = momentum · old + (1 − momentum) · batch, where the batch's variance is the unbiased one (n/(n−1)), as in
 * TensorFlow's fused kernel, Keras 2 and the published networks that it trained. Keras 3 takes the biased one there.
 */
export function trainingBatchNorm(
  { x, gamma, beta, mean, variance, epsilon }: BatchNormInputs,
  momentum: number,
  update: (mean: Tensor, variance: Tensor) => void,
): Tensor4D {
  const attributes = [
    FLOAT,
    attribute.type('U', DTYPE.float32),
    attribute.float('epsilon', epsilon),
    NHWC,
    attribute.bool('is_training', true),
  ]
  return withGradient([x, gamma, beta], (save) => {
    const [y, newMean, newVariance, r1, r2, r3] = runOps(
      'FusedBatchNormV3',
      [...attributes, attribute.float('exponential_avg_factor', 1 - momentum)],
      [x, gamma, beta, mean, variance],
      6,
    ) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
    update(newMean, newVariance)
    save([x, gamma, r1, r2, r3])
    return {
      value: y,
      gradient: (dy, [input, g, reserve1, reserve2, reserve3]) =>
        runOps(
          'FusedBatchNormGradV3',
          attributes,
          [dy, input as Tensor, g as Tensor, reserve1 as Tensor, reserve2 as Tensor, reserve3 as Tensor],
          5,
        ).slice(0, 3),
    }
  })
}

/**
 * Dropout with a mask that follows from `seed` alone: an int32 tensor `[2]`, another one each step.
 *
 * Kept values are scaled by 1 / (1 − rate). `noiseShape` has 1 where the mask is shared: `[N, 1, 1, 1]` is stochastic depth.
 */
export function dropout<T extends Tensor>(x: T, rate: number, seed: Tensor, noiseShape: readonly number[]): T {
  const noise = runOp(
    'StatelessRandomUniform',
    [attribute.type('dtype', DTYPE.float32), attribute.type('T', DTYPE.int32), attribute.type('Tseed', DTYPE.int32)],
    [ints(noiseShape), seed],
  )
  const kept = runOp('GreaterEqual', [FLOAT], [noise, tf.scalar(rate)])
  const mask = multiplyRaw(castToFloat(kept), tf.scalar(1 / (1 - rate)))
  return withGradient([x], (save) => {
    save([mask])
    return { value: multiplyRaw(x, mask), gradient: (dy, [m]) => multiplyRaw(dy, m as Tensor) }
  })
}

/** bool, int32 or uint8 → float32. */
export function castToFloat(x: Tensor, source?: number): Tensor {
  const dtype = source ?? (x.dtype === 'bool' ? BOOL : DTYPE.int32)
  const attributes = [
    attribute.type('SrcT', dtype),
    attribute.type('DstT', DTYPE.float32),
    attribute.bool('Truncate', false),
  ]
  return runOp('Cast', attributes, [x])
}

/** TensorFlow's number of the dtype bool. Source: tensorflow/c/tf_datatype.h. */
const BOOL = 10

/**
 * Cross-entropy of each row of logits `[N, K]` with target probabilities `[N, K]`, in nats: `[N]`. The targets get no gradient.
 */
export function softmaxCrossEntropy(logits: Tensor, targets: Tensor): Tensor1D {
  return withGradient([logits], (save) => {
    const [losses, slope] = runOps('SoftmaxCrossEntropyWithLogits', [FLOAT], [logits, targets], 2) as [Tensor, Tensor]
    save([slope])
    return { value: losses, gradient: (dy, [s]) => multiplyRaw(s as Tensor, reshapeRaw(dy, [dy.shape[0] ?? 0, 1])) }
  })
}

/** Probabilities of each row of logits; their gradient is not needed, since losses take logits. */
export function softmax(logits: Tensor): Tensor2D {
  return runOp('Softmax', [FLOAT], [logits])
}

/** Mean of a vector: `[N]` → a scalar. */
export function mean(x: Tensor): Tensor {
  const count = x.shape[0] ?? 1
  return withGradient([x], () => ({
    value: runOp('Mean', [attribute.bool('keep_dims', false), FLOAT, INT_INDEX], [x, ints([0])]),
    gradient: (dy) =>
      runOp(
        'Fill',
        [FLOAT, attribute.type('index_type', DTYPE.int32)],
        [ints([count]), multiplyRaw(dy, tf.scalar(1 / count))],
      ),
  }))
}

/** Sum of squares of all values: a scalar. */
export function sumOfSquares(x: Tensor): Tensor {
  return withGradient([x], (save) => {
    save([x])
    return {
      value: multiplyRaw(runOp('L2Loss', [FLOAT], [x]), tf.scalar(2)),
      gradient: (dy, [input]) => multiplyRaw(multiplyRaw(input as Tensor, tf.scalar(2)), dy),
    }
  })
}
