import { glorotUniform } from '../network/initial.ts'
import {
  type BuildOptions,
  classify,
  type EntryOf,
  expectImageSize,
  type Network,
  through,
} from '../network/network.ts'
import { publishedWeights } from '../network/published.ts'
import { tf } from '../tensorflow/raw.ts'

const SMALLEST_IMAGE = 32
/** Group 1: the block of a layer, `13` of `conv_dw_13` and `conv_pw_13_bn`. */
const BLOCK = /^conv_[dp]w_(\d+)/

/** Filters of the first convolution at width 1. */
const STEM_FILTERS = 32

/** The depthwise separable blocks: filters at width 1, and stride of the depthwise convolution. */
const BLOCKS = [
  { filters: 64, strides: 1 },
  { filters: 128, strides: 2 },
  { filters: 128, strides: 1 },
  { filters: 256, strides: 2 },
  { filters: 256, strides: 1 },
  { filters: 512, strides: 2 },
  { filters: 512, strides: 1 },
  { filters: 512, strides: 1 },
  { filters: 512, strides: 1 },
  { filters: 512, strides: 1 },
  { filters: 512, strides: 1 },
  { filters: 1024, strides: 2 },
  { filters: 1024, strides: 1 },
] as const

/**
 * MobileNet v1: a convolution, thirteen depthwise separable blocks, and the mean over the image.
 *
 *   image               [N, S, S, 3]                 scaled to [-1, 1], by a layer
 *   after conv1         [N, S/2, S/2, 32 width]      sizes rounded up
 *   after block 13      [N, S/32, S/32, 1024 width]
 *   features            [N, 1024 width]
 *
 * Source: Howard et al., https://arxiv.org/abs/1704.04861, and keras/src/applications/mobilenet.py. Deviation: at
 * stride 2 Keras pads one pixel at the right and bottom; this pads as TensorFlow's SAME, like the official TensorFlow.js
 * models that the weights come from. For image sizes that are multiples of 32 the two agree.
 */
export function build(entry: EntryOf<'mobilenet'>, options: BuildOptions): Network {
  const { imageSize, seed } = options
  expectImageSize(entry.architecture, SMALLEST_IMAGE, imageSize)
  const image = tf.input({ shape: [imageSize, imageSize, 3], name: 'image' })
  let x = through(
    image,
    tf.layers.rescaling({ scale: 1 / 127.5, offset: -1, name: 'rescaling' }),
    ...stem(entry.width, seed),
  )
  BLOCKS.forEach(({ filters, strides }, index) => {
    x = through(x, ...block(index + 1, filters * entry.width, strides, seed))
  })
  const features = 'global_average_pooling2d'
  x = through(x, tf.layers.globalAveragePooling2d({ name: features })) // [N, 1024 width]
  const model = tf.model({ inputs: image, outputs: classify(x, options), name: 'mobilenet' })
  return { model, features, block: BLOCK, pretrained: publishedWeights(entry) }
}

function stem(width: number, seed: number): tf.layers.Layer[] {
  const name = 'conv1'
  const filters = STEM_FILTERS * width
  const kernelInitializer = glorotUniform(seed, name)
  return [
    tf.layers.conv2d({ name, filters, kernelSize: 3, strides: 2, padding: 'same', useBias: false, kernelInitializer }),
    ...normalized(name),
  ]
}

/** A 3x3 convolution of each channel, then a 1x1 convolution across the channels. */
function block(number: number, filters: number, strides: number, seed: number): tf.layers.Layer[] {
  const depthwise = `conv_dw_${number}`
  const pointwise = `conv_pw_${number}`
  return [
    tf.layers.depthwiseConv2d({
      name: depthwise,
      kernelSize: 3,
      strides,
      padding: 'same',
      useBias: false,
      depthwiseInitializer: glorotUniform(seed, depthwise),
    }),
    ...normalized(depthwise),
    tf.layers.conv2d({
      name: pointwise,
      filters,
      kernelSize: 1,
      padding: 'same',
      useBias: false,
      kernelInitializer: glorotUniform(seed, pointwise),
    }),
    ...normalized(pointwise),
  ]
}

function normalized(name: string): tf.layers.Layer[] {
  return [
    tf.layers.batchNormalization({ name: `${name}_bn`, epsilon: 1e-3, momentum: 0.99 }),
    tf.layers.reLU({ name: `${name}_relu`, maxValue: 6 }),
  ]
}
