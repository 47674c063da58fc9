import { glorotUniform } from '../network/initial.ts'
import {
  type BuildOptions,
  classify,
  type EntryOf,
  expectImageSize,
  type Network,
  through,
} from '../network/network.ts'
import { tf } from '../tensorflow/raw.ts'

/** The smallest image leaves one pixel for the dense layers: 110, 108, 54, 52, 26, 24, 12, 10, 5, 3, 1. */
export const variants = {
  original: {
    smallestImage: 110,
    /** Filters of each convolution, and whether max pooling follows. */
    convolutions: [
      { filters: 16, pooled: true },
      { filters: 32, pooled: true },
      { filters: 64, pooled: true },
      { filters: 64, pooled: true },
      { filters: 64, pooled: false },
      { filters: 64, pooled: false },
    ],
    units: [516, 256],
  },
} as const

/**
 * The study's own network: six convolutions, four of them pooled, and three dense layers.
 *
 * Shapes for S = 224:
 *   image                    [N, 224, 224, 3]   scaled to [0, 1], by a layer
 *   after conv2d, pooled     [N, 111, 111, 16]  all convolutions 3x3, valid, ReLU
 *   after conv2d_1, pooled   [N, 54, 54, 32]
 *   after conv2d_2, pooled   [N, 26, 26, 64]
 *   after conv2d_3, pooled   [N, 12, 12, 64]
 *   after conv2d_4, conv2d_5 [N, 8, 8, 64]
 *   features                 [N, 256]           after dense 516 and dense 256, both ReLU
 *
 * Source: the study's original.py. Deviation: its latest code feeds raw pixels; this rescales, as its report says.
 */
export function build(entry: EntryOf<'original'>, options: BuildOptions): Network {
  const { smallestImage, convolutions, units } = variants[entry.architecture]
  const { imageSize, seed } = options
  expectImageSize(entry.architecture, smallestImage, imageSize)
  const image = tf.input({ shape: [imageSize, imageSize, 3], name: 'image' })
  let x = through(image, tf.layers.rescaling({ scale: 1 / 255, name: 'rescaling' }))
  convolutions.forEach(({ filters, pooled }, index) => {
    x = through(x, convolution(numbered('conv2d', index), filters, seed)) // [N, s - 2, s - 2, filters]
    if (pooled) x = through(x, tf.layers.maxPooling2d({ poolSize: 2, name: numbered('max_pooling2d', index) })) // [N, s / 2, s / 2, filters]
  })
  x = through(
    x,
    tf.layers.flatten({ name: 'flatten' }),
    ...units.map((width, index) => dense(numbered('dense', index), width, seed)),
  )
  const model = tf.model({ inputs: image, outputs: classify(x, options), name: 'original' })
  return { model, features: numbered('dense', units.length - 1), pretrained: null }
}

function convolution(name: string, filters: number, seed: number): tf.layers.Layer {
  const kernelInitializer = glorotUniform(seed, name)
  return tf.layers.conv2d({ name, filters, kernelSize: 3, padding: 'valid', activation: 'relu', kernelInitializer })
}

function dense(name: string, units: number, seed: number): tf.layers.Layer {
  return tf.layers.dense({ name, units, activation: 'relu', kernelInitializer: glorotUniform(seed, name) })
}

/** Keras's default names: `conv2d`, `conv2d_1`, … */
function numbered(name: string, index: number): string {
  return index === 0 ? name : `${name}_${index}`
}
