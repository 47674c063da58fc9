import { describe, expect, it } from 'vitest'
import { countParameters, summarize } from '../../src/network/summary.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { expectTensorsKept } from '../support/tensors.ts'

describe('summarize', () => {
  it('prints a line a layer and the parameters worked out by hand', () => {
    // conv 27 * 4 + 4 = 112, batch norm 4 * 4 = 16, of which 2 * 4 are statistics; four bytes each; 23 + 15 + 7 + 12 + 3 * 2 wide
    expect(summarize(smallNetwork(), 'small').split('\n')).toEqual([
      'Model: "small"',
      '_'.repeat(63),
      'Layer (type)             Output Shape     Param #  Connected to',
      '='.repeat(63),
      'image (InputLayer)       (None, 8, 8, 3)  0',
      'conv (Conv2D)            (None, 6, 6, 4)  112      image',
      'bn (BatchNormalization)  (None, 6, 6, 4)  16       conv',
      'add (Add)                (None, 6, 6, 4)  0        bn, conv',
      '='.repeat(63),
      'Total params: 128 (512.00 B)',
      'Trainable params: 120 (480.00 B)',
      'Non-trainable params: 8 (32.00 B)',
      '_'.repeat(63),
    ])
  })

  it('groups digits and chooses the unit', () => {
    const image = tf.input({ shape: [1000] })
    const model = tf.model({
      inputs: image,
      outputs: tf.layers.dense({ units: 1000 }).apply(image) as tf.SymbolicTensor,
    })
    expect(summarize(model, 'dense')).toContain('Total params: 1,001,000 (3.82 MB)') // 4,004,000 / 2^20 = 3.8185
  })

  it('counts frozen layers as not trainable', () => {
    const model = smallNetwork()
    model.getLayer('conv').trainable = false
    expect(countParameters(model)).toEqual({ total: 128, trainable: 8 })
  })

  it('keeps no tensor', async () => {
    const model = smallNetwork()
    await expectTensorsKept(0, () => summarize(model, 'small'))
  })
})

function smallNetwork(): tf.LayersModel {
  const image = tf.input({ shape: [8, 8, 3], name: 'image' })
  const conv = tf.layers.conv2d({ name: 'conv', filters: 4, kernelSize: 3 }).apply(image) as tf.SymbolicTensor
  const bn = tf.layers.batchNormalization({ name: 'bn' }).apply(conv) as tf.SymbolicTensor
  const sum = tf.layers.add({ name: 'add' }).apply([bn, conv]) as tf.SymbolicTensor
  return tf.model({ inputs: image, outputs: sum })
}
