import { describe, expect, it } from 'vitest'
import { build, variants } from '../../src/models/efficientnet.ts'

describe('build of the large EfficientNets', () => {
  // keras.applications.EfficientNetB5(include_top=False).count_params(), and so on; 7 of Keras's normalization against our 6
  it.each([
    ['b5', 28_513_527, 2048, 15],
    ['b6', 40_960_143, 2304, 17],
    ['b7', 64_097_687, 2560, 19],
  ] as const)('has the parameters of Keras without its top as %s', (variant, parameters, channels, side) => {
    const entry = { architecture: 'efficientnet', mode: 'zero', variant } as const
    const { imageSize } = variants[variant]
    const { model } = build(entry, { imageSize, classCount: 3, seed: 1, dropout: 0 })
    expect(model.countParams() - (channels * 3 + 3) + 7 - 6).toBe(parameters)
    expect(model.getLayer('top_activation').outputShape).toEqual([null, side, side, channels]) // ceil(size / 32)
    model.dispose()
  })
})
