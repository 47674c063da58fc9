import { describe, expect, it } from 'vitest'
import { compareSummaries } from '../../../bench/parity/summary.ts'

const OURS = `image (InputLayer)              (None, 8, 8, 3)  0
normalization (DepthwiseConv2D)  (None, 8, 8, 3)  6     image
stem_conv (Conv2D)              (None, 4, 4, 8)  216   normalization
block_dwconv (DepthwiseConv2D)  (None, 2, 2, 8)  72    stem_conv
block_add (Add)                 (None, 2, 2, 8)  0     block_dwconv, block_dwconv`
  .split('\n')
  .map((line) => line.split(/ {2,}/))

const KERAS = [
  'input_layer (InputLayer) │ (None, 8, 8, 3) │ 0 │ -',
  'rescaling (Rescaling) │ (None, 8, 8, 3) │ 0 │ input_layer[0][0]',
  'stem_conv (Conv2D) │ (None, 4, 4, 8) │ 216 │ rescaling[0][0]',
  'block_dwconv_pad (ZeroPadding2D) │ (None, 5, 5, 8) │ 0 │ stem_conv[0][0]',
  'block_dwconv (DepthwiseConv2D) │ (None, 2, 2, 8) │ 72 │ block_dwconv_pad[0][0]',
  'block_add (Add) │ (None, 2, 2, 8) │ 0 │ block_dwconv[0][0], block_dwconv[0][0]',
]

describe('compareSummaries', () => {
  it('finds no difference in preprocessing and padding that one side has as layers', () => {
    expect(compareSummaries(OURS, KERAS)).toMatchObject({ what: '3 lines of the summary', difference: 0 })
  })

  it('counts the lines that only one side has', () => {
    const without = (index: number) => KERAS.filter((_, place) => place !== index)
    expect(compareSummaries(OURS, without(5))).toMatchObject({
      difference: 1,
      place: expect.stringContaining('block_add'),
    })
    const others = KERAS.map((line) => line.replace('216', '217'))
    expect(compareSummaries(OURS, others).difference).toBe(2)
    const unconnected = KERAS.map((line) => line.replace('block_dwconv_pad[0][0]', 'block_add[0][0]'))
    expect(compareSummaries(OURS, unconnected).difference).toBe(2)
  })

  it('is no number where Keras printed nothing', () => {
    expect(compareSummaries(OURS, []).difference).toBeNaN()
  })
})
