import { describe, expect, it } from 'vitest'
import { seededRng } from '../../src/core/random.ts'
import { glorotUniform, initialValues, type Spread } from '../../src/network/initial.ts'
import { tf } from '../../src/tensorflow/raw.ts'

describe('initialValues', () => {
  it('fills the range of Glorot, and no more', () => {
    // fan in 9 * 64, fan out 9 * 64: limit sqrt(3 / 576) = 0.0721688; deviation limit / sqrt(3) = 0.0416667
    const values = draw({ scale: 1, mode: 'fanAvg', distribution: 'uniform' })
    expect(Math.max(...values)).toBeLessThanOrEqual(0.0721688)
    expect(Math.max(...values)).toBeGreaterThan(0.0719)
    expect(Math.min(...values)).toBeLessThan(-0.0719)
    expect(deviation(values)).toBeCloseTo(0.0416667, 3)
  })

  it('has the asked deviation after normal numbers are cut off at two sigma', () => {
    // fan out 9 * 64: variance 2 / 576, deviation 0.0589256; cut off at 2 * 0.0589256 / 0.8796257 = 0.1339788
    const values = draw({ scale: 2, mode: 'fanOut', distribution: 'normal' })
    expect(deviation(values)).toBeCloseTo(0.0589256, 3)
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.1339788)
    expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.132)
  })

  it('counts the inputs of a dense layer and of a depthwise convolution as Keras does', () => {
    // dense 100 x 50, fan in: limit sqrt(3 / 100) = 0.173205; depthwise [3, 3, 8, 1], fan in 9 * 8: sqrt(3 / 72) = 0.204124
    const spread = { scale: 1, mode: 'fanIn', distribution: 'uniform' } as const
    expect(Math.max(...draw(spread, [100, 50]))).toBeCloseTo(0.173205, 3)
    expect(Math.max(...draw(spread, [30, 30, 8, 1]))).toBeCloseTo(Math.sqrt(3 / 7200), 4)
  })

  it('gives the same values for the same seed', () => {
    const spread = { scale: 1, mode: 'fanAvg', distribution: 'normal' } as const
    expect(draw(spread)).toEqual(draw(spread))
  })
})

describe('glorotUniform', () => {
  it('is saved under the stock class, so that any TensorFlow.js can load it', () => {
    const layer = tf.layers.dense({ units: 2, inputShape: [3], kernelInitializer: glorotUniform(1, 'dense') })
    expect(layer.getConfig().kernelInitializer).toMatchObject({
      className: 'VarianceScaling',
      config: { scale: 1, mode: 'fanAvg', distribution: 'uniform' },
    })
  })
})

function draw(spread: Spread, shape: readonly number[] = [3, 3, 64, 64]): number[] {
  return [...initialValues(shape, spread, seededRng(7, 'test'))]
}

function deviation(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
}
