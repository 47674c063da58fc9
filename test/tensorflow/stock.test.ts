import type { AdamOptimizer, Tensor, Variable } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { tf } from '../../src/tensorflow/raw.ts'

/** Why the engine has layers, an optimizer and a loop of its own: what TensorFlow.js 4.22.0 does by itself. */

type BatchNorm = ReturnType<typeof tf.layers.batchNormalization>

/** Trains a batch norm on [4, 2, 2, 1] for one step. */
async function trainOnce(norm: BatchNorm): Promise<void> {
  const layers = [norm, tf.layers.flatten(), tf.layers.dense({ units: 1 })]
  const network = tf.sequential({ layers })
  network.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
  const [x, y] = [tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1]), tf.ones([1, 1])]
  try {
    await network.trainOnBatch(x, y)
  } finally {
    tf.dispose([x, y])
  }
}

/** The running mean and variance, which come last. */
function statisticsOf(norm: BatchNorm): (number | undefined)[] {
  return norm
    .getWeights()
    .slice(-2)
    .map((weight) => weight.dataSync()[0])
}

describe('stock batch norm', () => {
  const open = (config: Parameters<typeof tf.layers.batchNormalization>[0] = {}) =>
    tf.layers.batchNormalization({ inputShape: [2, 2, 1], momentum: 0.9, ...config })

  it.each([{ scale: false }, { center: false }])('cannot be trained with %o', async (config) => {
    await expect(trainOnce(open(config))).rejects.toThrow(TypeError)
  })

  it('moves its running statistics though it is frozen', async () => {
    const norm = open({ trainable: false })
    await trainOnce(norm)
    expect(statisticsOf(norm)[0]).toBeCloseTo(0.1 * 3, 6) // from 0 towards the mean of 1, 2, 3, 6
  })

  it('normalises with the batch though it is frozen', () => {
    tf.tidy(() => {
      const norm = open({ trainable: false })
      const x = tf.tensor4d([11, 12, 13, 16], [1, 2, 2, 1])
      const [training, inference] = [true, false].map((mode) => norm.apply(x, { training: mode }) as Tensor)
      const difference = tf.max(tf.abs(tf.sub(training as Tensor, inference as Tensor)))
      expect(difference.dataSync()[0]).toBeGreaterThan(10)
    })
  })

  it("takes the biased variance of the batch, as Keras 3 does; TensorFlow's kernel and Keras 2 do not", async () => {
    // 1, 2, 3, 6: mean 3, squared deviations 14, biased variance 14 / 4
    const norm = open()
    await trainOnce(norm)
    expect(statisticsOf(norm)[0]).toBeCloseTo(0.1 * 3, 6)
    expect(statisticsOf(norm)[1]).toBeCloseTo(0.9 + (0.1 * 14) / 4, 6)
  })
})

describe('stock dropout', () => {
  it('repeats the mask of its seed at every step', () => {
    tf.tidy(() => {
      const layer = tf.layers.dropout({ rate: 0.5, seed: 1 })
      const draw = () => (layer.apply(tf.ones([1, 100]), { training: true }) as Tensor).dataSync()
      expect(draw()).toEqual(draw())
    })
  })
})

describe('a stock initializer', () => {
  const draw = (name: 'heNormal' | 'truncatedNormal' | 'glorotUniform', seed: number) =>
    tf.tidy(() =>
      tf.initializers[name]({ seed } as never)
        .apply([4, 2])
        .dataSync(),
    )

  it.each(['heNormal', 'truncatedNormal'] as const)('takes the seed 0 for none: %s', (name) => {
    expect(draw(name, 0)).not.toEqual(draw(name, 0))
    expect(draw(name, 1)).toEqual(draw(name, 1))
  })
})

describe('stock fit', () => {
  it('shuffles in another order each time, and takes no seed', async () => {
    const x = tf.linspace(0, 1, 16).reshape([16, 1])
    const train = async () => {
      const kernelInitializer = 'ones'
      const network = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer })] })
      network.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' })
      await network.fit(x, tf.square(x), { batchSize: 1, epochs: 1, shuffle: true, verbose: 0 })
      return network.getWeights()[0]?.dataSync()[0]
    }
    const ends = [await train(), await train(), await train(), await train()]
    expect(new Set(ends).size).toBeGreaterThan(1)
    x.dispose()
  })

  it('cannot give back the best weights', () => {
    expect(() => tf.callbacks.earlyStopping({ restoreBestWeights: true })).toThrow('not implemented')
  })
})

describe('stock Adam', () => {
  it('goes on elsewhere than it would have gone, when it is saved and restored', async () => {
    const first = [0.1, 2, 5, -7]
    const whole = tf.variable(tf.tensor1d(first))
    descend(tf.train.adam(0.01), whole, 400)
    const broken = tf.variable(tf.tensor1d(first))
    const before = tf.train.adam(0.01)
    descend(before, broken, 200)
    const after = tf.train.adam(0.01)
    await after.setWeights(await before.getWeights())
    descend(after, broken, 200)
    expect(broken.dataSync()).not.toEqual(whole.dataSync())
  })

  /** Steps towards 3. */
  function descend(optimizer: AdamOptimizer, variable: Variable, steps: number): void {
    for (let step = 0; step < steps; step++)
      optimizer.minimize(() => tf.sum(tf.square(tf.sub(variable, 3))), false, [variable])
  }
})
