import { describe, expect, it } from 'vitest'
import { inferenceOperations, multiplyAdds, trainingOperations } from '../../bench/arithmetic.ts'

const CONVOLUTION = { className: 'Conv2D', outputShape: [4, 4, 8], kernelShape: [3, 3, 2, 8] }

describe('multiplyAdds', () => {
  it('counts every number of a convolution with the window and the channels that it reads', () => {
    expect(multiplyAdds([CONVOLUTION])).toBe(4 * 4 * 8 * 3 * 3 * 2)
  })

  it('counts one channel for a number of a depthwise convolution', () => {
    const layer = { className: 'DepthwiseConv2D', outputShape: [5, 5, 6], kernelShape: [3, 3, 6, 1] }
    expect(multiplyAdds([layer])).toBe(5 * 5 * 6 * 3 * 3)
  })

  it('counts the product of a dense layer, and nothing for layers without kernels', () => {
    const layers = [
      { className: 'Dense', outputShape: [3], kernelShape: [256, 3] },
      { className: 'Activation', outputShape: [100, 100, 3] },
      { className: 'BatchNormalization', outputShape: [100, 100, 3] },
    ]
    expect(multiplyAdds(layers)).toBe(256 * 3)
  })
})

describe('trainingOperations', () => {
  it('is three times the operations of inference, each multiply-add being two', () => {
    expect(inferenceOperations([CONVOLUTION])).toBe(2 * 2304)
    expect(trainingOperations([CONVOLUTION])).toBe(6 * 2304)
  })
})
