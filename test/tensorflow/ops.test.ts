import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { seededRng, uniform } from '../../src/core/random.ts'
import { LAYERS, type LayerConfig } from '../../src/tensorflow/layers.ts'
import { softmaxCrossEntropy } from '../../src/tensorflow/losses.ts'
import { relu, relu6, sigmoid, swish, tanh } from '../../src/tensorflow/ops/activations.ts'
import { globalAveragePool, sumOfSquares } from '../../src/tensorflow/ops/arithmetic.ts'
import { frozenBatchNorm, trainingBatchNorm } from '../../src/tensorflow/ops/batch-norm.ts'
import { addBias, matMul } from '../../src/tensorflow/ops/dense.ts'
import { dropout } from '../../src/tensorflow/ops/dropout.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { expectTensorsKept } from '../support/tensors.ts'

/** Numbers in [-1, 1), the same at each call. */
function random(shape: readonly number[], key: string): Tensor {
  const rng = seededRng(1, key)
  const count = shape.reduce((product, size) => product * size, 1)
  return tf.tensor(
    Float32Array.from({ length: count }, () => uniform(rng, -1, 1)),
    [...shape],
  )
}

const images = () => random([2, 7, 6, 3], 'images')
const kernel = () => random([3, 3, 3, 4], 'kernel')
const depthwise = () => random([3, 3, 3, 1], 'depthwise')

interface Case {
  readonly name: string
  readonly inputs: () => Tensor[]
  readonly ours: Op
  /** Stock TensorFlow.js, where it has the same op and is right. */
  readonly stock?: Op
}

type Op = (a: Tensor, b: Tensor, c: Tensor) => Tensor

/** A layer of the engine in inference, with the one weight that it may have. */
function layer(
  className: string,
  config: LayerConfig,
  inputs: readonly [Tensor, ...Tensor[]],
  kernel?: Tensor,
): Tensor {
  const role = className === 'DepthwiseConv2D' ? 'depthwise_kernel' : 'kernel'
  const weights = kernel ? [{ name: role, role, shape: kernel.shape, trainable: true }] : []
  const node = { name: 'layer', className, config, inputs: [], weights, trainable: true }
  return LAYERS[className]?.(inputs, node, {
    weight: () => kernel as Tensor,
    training: false,
    asLogits: true,
  }) as Tensor
}

const CASES: readonly Case[] = [
  {
    name: 'conv2d, valid',
    inputs: () => [images(), kernel()],
    ours: (x, k) => layer('Conv2D', { strides: [1, 1], padding: 'valid' }, [x], k),
    stock: (x, k) => tf.conv2d(x as never, k as never, 1, 'valid'),
  },
  {
    name: 'conv2d, same, stride 2',
    inputs: () => [images(), kernel()],
    ours: (x, k) => layer('Conv2D', { strides: [2, 2], padding: 'same' }, [x], k),
    stock: (x, k) => tf.conv2d(x as never, k as never, 2, 'same'),
  },
  {
    name: 'depthwiseConv2d, same',
    inputs: () => [images(), depthwise()],
    ours: (x, k) => layer('DepthwiseConv2D', { strides: [1, 1], padding: 'same' }, [x], k),
    stock: (x, k) => tf.depthwiseConv2d(x as never, k as never, 1, 'same'),
  },
  {
    name: 'depthwiseConv2d, same, stride 2',
    inputs: () => [images(), depthwise()],
    ours: (x, k) => layer('DepthwiseConv2D', { strides: [2, 2], padding: 'same' }, [x], k),
    stock: (x, k) => tf.depthwiseConv2d(x as never, k as never, 2, 'same'),
  },
  {
    name: 'addBias',
    inputs: () => [images(), random([3], 'bias')],
    ours: (x, b) => addBias(x, b),
    stock: (x, b) => tf.add(x, b),
  },
  { name: 'relu', inputs: () => [images()], ours: (x) => relu(x), stock: (x) => tf.relu(x) },
  {
    name: 'relu6',
    inputs: () => [images().mul(9)],
    ours: (x) => relu6(x),
    stock: (x) => tf.relu6(x),
  },
  {
    name: 'sigmoid',
    inputs: () => [images()],
    ours: (x) => sigmoid(x),
    stock: (x) => tf.sigmoid(x),
  },
  { name: 'tanh', inputs: () => [images()], ours: (x) => tanh(x), stock: (x) => tf.tanh(x) },
  {
    name: 'swish',
    inputs: () => [images().mul(4)],
    ours: (x) => swish(x),
    stock: (x) => tf.mul(x, tf.sigmoid(x)),
  },
  {
    name: 'maxPool',
    inputs: () => [images()],
    ours: (x) => layer('MaxPooling2D', { poolSize: [2, 2], strides: [2, 2], padding: 'valid' }, [x]),
    stock: (x) => tf.maxPool(x as never, 2, 2, 'valid'),
  },
  {
    name: 'globalAveragePool',
    inputs: () => [images()],
    ours: (x) => globalAveragePool(x),
    stock: (x) => tf.mean(x, [1, 2]),
  },
  {
    name: 'matMul',
    inputs: () => [random([4, 5], 'rows'), random([5, 3], 'columns')],
    ours: (x, k) => matMul(x, k),
    stock: (x, k) => tf.matMul(x, k),
  },
  {
    name: 'reshape',
    inputs: () => [images()],
    ours: (x) => layer('Reshape', { targetShape: [126] }, [x]),
    stock: (x) => tf.reshape(x, [2, 126]),
  },
  {
    name: 'zeroPad',
    inputs: () => [images()],
    ours: (x) =>
      layer(
        'ZeroPadding2D',
        {
          padding: [
            [1, 2],
            [0, 3],
          ],
        },
        [x],
      ),
    stock: (x) =>
      tf.pad(x as never, [
        [0, 0],
        [1, 2],
        [0, 3],
        [0, 0],
      ]),
  },
  {
    name: 'add',
    inputs: () => [images(), images().mul(2)],
    ours: (a, b) => layer('Add', {}, [a, b]),
    stock: (a, b) => tf.add(a, b),
  },
  {
    name: 'multiply by one factor a channel',
    inputs: () => [images(), random([2, 1, 1, 3], 'factors')],
    ours: (a, b) => layer('Multiply', {}, [a, b]),
    stock: (a, b) => tf.mul(a, b),
  },
  {
    name: 'rescale',
    inputs: () => [images()],
    ours: (x) => layer('Rescaling', { scale: 0.5, offset: -1 }, [x]),
    stock: (x) => tf.add(tf.mul(x, 0.5), -1),
  },
  {
    name: 'softmaxCrossEntropy',
    inputs: () => [random([4, 3], 'logits')],
    ours: (x) => softmaxCrossEntropy(x, tf.oneHot(tf.tensor1d([0, 2, 1, 1], 'int32'), 3).toFloat()),
    stock: (x) => tf.neg(tf.sum(tf.mul(tf.oneHot(tf.tensor1d([0, 2, 1, 1], 'int32'), 3), tf.logSoftmax(x)), 1)),
  },
  {
    name: 'sumOfSquares',
    inputs: () => [images()],
    ours: (x) => sumOfSquares(x),
    stock: (x) => tf.sum(tf.square(x)),
  },
  {
    name: 'frozenBatchNorm',
    inputs: () => [images(), random([3], 'gamma'), random([3], 'beta')],
    ours: (x, gamma, beta) => frozenBatchNorm({ x, gamma, beta, ...running() }),
    stock: (x, gamma, beta) => {
      const { mean, variance, epsilon } = running()
      return tf.batchNorm(x as never, mean as never, variance as never, beta as never, gamma as never, epsilon)
    },
  },
  {
    name: 'trainingBatchNorm',
    inputs: () => [images(), random([3], 'gamma'), random([3], 'beta')],
    ours: (x, gamma, beta) => trainingBatchNorm({ x, gamma, beta, ...running() }, 0.9, () => {}),
    stock: (x, gamma, beta) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2])
      return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 0.001))), gamma), beta)
    },
  },
  {
    name: 'dropout',
    inputs: () => [images()],
    ours: (x) => dropout(x, 0.4, tf.tensor1d([1, 2], 'int32'), [2, 7, 6, 3]),
  },
  {
    name: 'dropout of whole images',
    inputs: () => [images()],
    ours: (x) => dropout(x, 0.4, tf.tensor1d([1, 2], 'int32'), [2, 1, 1, 1]),
  },
]

function running() {
  return { mean: random([3], 'mean'), variance: tf.add(tf.abs(random([3], 'variance')), 0.5), epsilon: 0.001 }
}

/** Gradients of Σ wᵢ yᵢ with fixed weights, so that no two outputs count alike. */
function gradients(op: Op, inputs: Tensor[]): { value: number; grads: Tensor[] } {
  const loss = (...given: Tensor[]) => {
    const y = run(op, given)
    return tf.sum<Scalar>(tf.mul(y, random(y.shape, 'weights')))
  }
  const { value, grads } = tf.valueAndGrads(loss)(inputs)
  return { value: value.dataSync()[0] as number, grads }
}

function run(op: Op, inputs: Tensor[]): Tensor {
  return op(...(inputs as [Tensor, Tensor, Tensor]))
}

function greatestDifference(a: Tensor, b: Tensor): number {
  const [x, y] = [a.dataSync<'float32'>(), b.dataSync<'float32'>()]
  expect(a.shape).toEqual(b.shape)
  return x.reduce((most, value, i) => Math.max(most, Math.abs(value - (y[i] ?? Number.NaN))), 0)
}

describe.each(CASES)('$name', ({ inputs, ours, stock }) => {
  it.runIf(stock)('gives the value and the gradients of stock TensorFlow.js', () => {
    tf.tidy(() => {
      const given = inputs()
      expect(greatestDifference(run(ours, given), run(stock as Op, given))).toBeLessThan(1e-5)
      const mine = gradients(ours, given)
      const theirs = gradients(stock as Op, given)
      mine.grads.forEach((gradient, i) => {
        expect(greatestDifference(gradient, theirs.grads[i] as Tensor)).toBeLessThan(2e-5)
      })
    })
  })

  it('has gradients that finite differences confirm', () => {
    tf.tidy(() => {
      const given = inputs()
      const { grads } = gradients(ours, given)
      given.forEach((input, which) => {
        const direction = random(input.shape, `direction ${which}`)
        const moved = (amount: number) => {
          const there = given.map((each, i) => (i === which ? tf.add(each, tf.mul(direction, amount)) : each))
          return gradients(ours, there).value
        }
        const numeric = (moved(1e-3) - moved(-1e-3)) / 2e-3
        const exact = tf.sum(tf.mul(grads[which] as Tensor, direction)).dataSync()[0] as number
        expect(Math.abs(numeric - exact)).toBeLessThan(0.03 * Math.max(1, Math.abs(exact)))
      })
    })
  })

  it('keeps no tensors', async () => {
    await expectTensorsKept(0, () => tf.tidy(() => void gradients(ours, inputs())))
  })
})

describe('trainingBatchNorm', () => {
  it('moves the running statistics as Keras does, with the unbiased variance', () => {
    tf.tidy(() => {
      // One channel with the values 1, 2, 3, 6: mean 3, squared deviations 4 + 1 + 0 + 9 = 14, variance 14 / 3 unbiased.
      const x = tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1])
      const updates: number[] = []
      trainingBatchNorm(
        {
          x,
          gamma: tf.ones([1]),
          beta: tf.zeros([1]),
          mean: tf.tensor1d([10]),
          variance: tf.tensor1d([20]),
          epsilon: 0.001,
        },
        0.9,
        (mean, variance) => updates.push(mean.dataSync()[0] as number, variance.dataSync()[0] as number),
      )
      expect(updates[0]).toBeCloseTo(0.9 * 10 + 0.1 * 3, 5)
      expect(updates[1]).toBeCloseTo(0.9 * 20 + (0.1 * 14) / 3, 5)
    })
  })
})

describe('dropout', () => {
  const masked = (rate: number, seed: readonly number[], noise = [1, 100, 100, 1]) =>
    dropout(tf.ones([1, 100, 100, 1]), rate, tf.tensor1d([...seed], 'int32'), noise).dataSync()

  it('gives the same mask for the same seed and another for the next step', () => {
    tf.tidy(() => {
      expect(masked(0.5, [1, 7])).toEqual(masked(0.5, [1, 7]))
      expect(masked(0.5, [1, 7])).not.toEqual(masked(0.5, [1, 8]))
      expect(masked(0.5, [1, 7])).not.toEqual(masked(0.5, [2, 7]))
    })
  })

  it('drops the share that was asked for and keeps the mean', () => {
    tf.tidy(() => {
      const values = masked(0.25, [3, 1])
      const dropped = values.filter((value) => value === 0).length / values.length
      expect(Math.abs(dropped - 0.25)).toBeLessThan(0.02) // 4.6 standard deviations of 10,000 draws
      expect([...new Set(values)].sort()).toEqual([0, Math.fround(1 / 0.75)])
    })
  })

  it('drops whole images where the noise is shared: stochastic depth', () => {
    tf.tidy(() => {
      const y = dropout(tf.ones([64, 2, 2, 1]), 0.5, tf.tensor1d([1, 1], 'int32'), [64, 1, 1, 1])
      const sums = tf.sum(y, [1, 2, 3]).dataSync()
      expect([...new Set(sums)].sort()).toEqual([0, 8])
    })
  })

  it('passes the gradient through the same mask', () => {
    tf.tidy(() => {
      const x = tf.ones([1, 10, 10, 1])
      const seed = tf.tensor1d([1, 2], 'int32')
      const y = dropout(x, 0.5, seed, x.shape)
      const dx = tf.grad((input: Tensor) => tf.sum(dropout(input, 0.5, seed, x.shape)))(x)
      expect(dx.dataSync()).toEqual(y.dataSync())
    })
  })
})
