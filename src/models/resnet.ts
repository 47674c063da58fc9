import { glorotUniform } from '../network/initial.ts'
import {
  type BuildOptions,
  classify,
  type EntryOf,
  expectImageSize,
  type Network,
  normalize,
  through,
} from '../network/network.ts'
import { publishedWeights } from '../network/published.ts'
import { tf } from '../tensorflow/raw.ts'

/** The stages: filters of the 3x3 convolutions, number of blocks, and the stride of the first block. */
export const variants = {
  resnet50: [
    { filters: 64, blocks: 3, strides: 1 },
    { filters: 128, blocks: 4, strides: 2 },
    { filters: 256, blocks: 6, strides: 2 },
    { filters: 512, blocks: 3, strides: 2 },
  ],
} as const

const SMALLEST_IMAGE = 32
/** The block of a layer: `conv5_block3` of `conv5_block3_2_conv`. */
const BLOCK = /^(conv\d_block\d+)_/

/** Channel means of ImageNet, red, green, blue, in pixel values: the official weights expect them subtracted. */
const MEANS = [123.68, 116.779, 103.939] as const

/**
 * ResNet50, version 1: the stride of a stage is on the first 1x1 convolution of its first block.
 *
 *   image           [N, S, S, 3]           minus the means of ImageNet, by a layer
 *   after conv1     [N, S/2, S/2, 64]
 *   after pool1     [N, S/4, S/4, 64]
 *   after stage k   [N, S/2^(k+1), S/2^(k+1), 4 filters]
 *   features        [N, 2048]
 *
 * Source: He et al., https://arxiv.org/abs/1512.03385, and keras/src/applications/resnet.py. Deviation: Keras reorders the
 * channels to blue, green, red; here they stay, and the input channels of conv1's kernel are reversed when Keras's weights
 * are loaded.
 */
export function build(entry: EntryOf<'resnet'>, options: BuildOptions): Network {
  const { imageSize, seed } = options
  expectImageSize(entry.architecture, SMALLEST_IMAGE, imageSize)
  const image = tf.input({ shape: [imageSize, imageSize, 3], name: 'image' })
  let x = stem(normalize(image, { mean: MEANS, sigma: [1, 1, 1] }), seed)
  for (const [index, shape] of variants.resnet50.entries()) x = stage(x, { ...shape, name: `conv${index + 2}`, seed })
  const features = 'avg_pool'
  x = through(x, tf.layers.globalAveragePooling2d({ name: features })) // [N, 2048]
  const model = tf.model({ inputs: image, outputs: classify(x, options), name: 'resnet50' })
  return { model, features, block: BLOCK, pretrained: publishedWeights(entry), bgrKernel: 'conv1_conv/kernel' }
}

/** The padding is explicit: TensorFlow's SAME would put it elsewhere. */
function stem(x: tf.SymbolicTensor, seed: number): tf.SymbolicTensor {
  return through(
    x,
    pad(3, 'conv1_pad'),
    convolution('conv1_conv', { filters: 64, kernelSize: 7, strides: 2, seed }), // [N, S/2, S/2, 64]
    normalization('conv1_bn'),
    relu('conv1_relu'),
    pad(1, 'pool1_pad'),
    tf.layers.maxPooling2d({ poolSize: 3, strides: 2, name: 'pool1_pool' }), // [N, S/4, S/4, 64]
  )
}

/** Blocks of which the first changes the number of channels and the size, and the others neither. */
function stage(
  x: tf.SymbolicTensor,
  { name, blocks, filters, strides, seed }: BlockOptions & { readonly blocks: number },
): tf.SymbolicTensor {
  let y = block(x, { name: `${name}_block1`, filters, strides, seed }, true)
  for (let number = 2; number <= blocks; number++) {
    y = block(y, { name: `${name}_block${number}`, filters, strides: 1, seed }, false)
  }
  return y // [N, s / strides, s / strides, 4 filters]
}

interface BlockOptions {
  readonly name: string
  readonly filters: number
  readonly strides: number
  readonly seed: number
}

/** 1x1, 3x3 and 1x1 convolutions beside a shortcut, which a convolution projects to the new shape in a stage's first block. */
function block(x: tf.SymbolicTensor, options: BlockOptions, projected: boolean): tf.SymbolicTensor {
  const { name, filters, strides, seed } = options
  const shortcut = projected
    ? through(
        x,
        convolution(`${name}_0_conv`, { filters: 4 * filters, kernelSize: 1, strides, seed }),
        normalization(`${name}_0_bn`),
      )
    : x
  const residual = through(
    x,
    convolution(`${name}_1_conv`, { filters, kernelSize: 1, strides, seed }),
    normalization(`${name}_1_bn`),
    relu(`${name}_1_relu`),
    convolution(`${name}_2_conv`, { filters, kernelSize: 3, strides: 1, seed }),
    normalization(`${name}_2_bn`),
    relu(`${name}_2_relu`),
    convolution(`${name}_3_conv`, { filters: 4 * filters, kernelSize: 1, strides: 1, seed }),
    normalization(`${name}_3_bn`),
  )
  const sum = tf.layers.add({ name: `${name}_add` }).apply([shortcut, residual]) as tf.SymbolicTensor
  return through(sum, relu(`${name}_out`)) // [N, s / strides, s / strides, 4 filters]
}

interface ConvolutionOptions {
  readonly filters: number
  readonly kernelSize: number
  readonly strides: number
  readonly seed: number
}

/** Has a bias, as in Keras, although a batch norm follows. */
function convolution(name: string, { filters, kernelSize, strides, seed }: ConvolutionOptions): tf.layers.Layer {
  const padding = kernelSize === 3 ? 'same' : 'valid'
  const kernelInitializer = glorotUniform(seed, name)
  return tf.layers.conv2d({ name, filters, kernelSize, strides, padding, kernelInitializer })
}

function normalization(name: string): tf.layers.Layer {
  return tf.layers.batchNormalization({ name, epsilon: 1.001e-5, momentum: 0.99 })
}

function relu(name: string): tf.layers.Layer {
  return tf.layers.activation({ name, activation: 'relu' })
}

function pad(pixels: number, name: string): tf.layers.Layer {
  return tf.layers.zeroPadding2d({
    name,
    padding: [
      [pixels, pixels],
      [pixels, pixels],
    ],
  })
}
