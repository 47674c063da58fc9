import {
  activated,
  convolution,
  depthwise,
  normalization,
  shortcut,
  squeezeAndExcite,
  swish,
} from '../network/inverted-bottleneck.ts'
import {
  type BuildOptions,
  classify,
  type EntryOf,
  expectImageSize,
  IMAGENET,
  type Network,
  normalize,
  through,
} from '../network/network.ts'
import { publishedWeights } from '../network/published.ts'
import { tf } from '../tensorflow/raw.ts'

/**
 * Stages of each variant, and the image size it was designed for.
 *
 * A fused stage has one 3x3 convolution in place of the 1x1 and the depthwise one, and no squeeze and excitation.
 */
export const variants = {
  b0: {
    imageSize: 224,
    stages: [
      { fused: true, repeats: 1, filtersIn: 32, filtersOut: 16, expansion: 1, strides: 1 },
      { fused: true, repeats: 2, filtersIn: 16, filtersOut: 32, expansion: 4, strides: 2 },
      { fused: true, repeats: 2, filtersIn: 32, filtersOut: 48, expansion: 4, strides: 2 },
      { fused: false, repeats: 3, filtersIn: 48, filtersOut: 96, expansion: 4, strides: 2 },
      { fused: false, repeats: 5, filtersIn: 96, filtersOut: 112, expansion: 6, strides: 1 },
      { fused: false, repeats: 8, filtersIn: 112, filtersOut: 192, expansion: 6, strides: 2 },
    ],
  },
  s: {
    imageSize: 384,
    stages: [
      { fused: true, repeats: 2, filtersIn: 24, filtersOut: 24, expansion: 1, strides: 1 },
      { fused: true, repeats: 4, filtersIn: 24, filtersOut: 48, expansion: 4, strides: 2 },
      { fused: true, repeats: 4, filtersIn: 48, filtersOut: 64, expansion: 4, strides: 2 },
      { fused: false, repeats: 6, filtersIn: 64, filtersOut: 128, expansion: 4, strides: 2 },
      { fused: false, repeats: 9, filtersIn: 128, filtersOut: 160, expansion: 6, strides: 1 },
      { fused: false, repeats: 15, filtersIn: 160, filtersOut: 256, expansion: 6, strides: 2 },
    ],
  },
} as const satisfies Record<EntryOf<'efficientnetv2'>['variant'], object>

type Variant = keyof typeof variants

const KERNEL_SIZE = 3
const TOP_FILTERS = 1280
const SMALLEST_IMAGE = 32
/** Group 1: the block of a layer, `block6h` of `block6h_dwconv2`. */
const BLOCK = /^(block\d[a-z])_/
/** Stochastic depth rises linearly from 0 at the first block towards this rate. */
const DROP_RATE = 0.2
/** Filters of the squeeze, as a share of the block's input channels. */
const SQUEEZE = 0.25
/** Of the batch norms. */
const MOMENTUM = 0.9

/**
 * EfficientNetV2 B0 and S: fused inverted bottlenecks, then those of EfficientNet.
 *
 *   image             [N, S, S, 3]            b0: normalized with ImageNet's statistics; s: x / 128 - 1; by a layer
 *   after the stem    [N, S/2, S/2, …]        filters of the first stage's input
 *   after stage 1..6  [N, S/f, S/f, …]        f = 2, 4, 8, 16, 16, 32
 *   features          [N, 1280]
 *
 * Source: Tan and Le, https://arxiv.org/abs/2104.00298, and keras/src/applications/efficientnet_v2.py. Deviation that
 * changes no number: the two preprocessing layers of b0 are one.
 */
export function build(entry: EntryOf<'efficientnetv2'>, options: BuildOptions): Network {
  const { imageSize, seed } = options
  expectImageSize(entry.architecture, SMALLEST_IMAGE, imageSize)
  const image = tf.input({ shape: [imageSize, imageSize, 3], name: 'image' })
  let x = through(
    preprocessed(image, entry.variant),
    convolution('stem_conv', {
      filters: variants[entry.variant].stages[0].filtersIn,
      kernelSize: KERNEL_SIZE,
      strides: 2,
      seed,
    }),
    ...activated('stem_bn', 'stem_activation', MOMENTUM),
  ) // [N, S/2, S/2, …]
  for (const shape of blocksOf(entry.variant)) x = block(x, { ...shape, seed })
  const features = 'avg_pool'
  x = through(
    x,
    convolution('top_conv', { filters: TOP_FILTERS, kernelSize: 1, strides: 1, seed }),
    ...activated('top_bn', 'top_activation', MOMENTUM), // [N, S/32, S/32, 1280]
    tf.layers.globalAveragePooling2d({ name: features }),
  )
  const model = tf.model({ inputs: image, outputs: classify(x, options), name: `efficientnetv2-${entry.variant}` })
  return { model, features, block: BLOCK, pretrained: publishedWeights(entry) }
}

/** As in the weights: Keras's networks contain their preprocessing, so that pixels in 0..255 go in. */
function preprocessed(image: tf.SymbolicTensor, variant: Variant): tf.SymbolicTensor {
  if (variant === 'b0') return normalize(image, IMAGENET)
  return through(image, tf.layers.rescaling({ scale: 1 / 128, offset: -1, name: 'rescaling' }))
}

interface Block {
  /** Prefix of the names of its layers: `block1a_`. */
  readonly prefix: string
  readonly fused: boolean
  readonly strides: number
  readonly filtersIn: number
  readonly filtersOut: number
  readonly expansion: number
  /** Probability that an image skips the block. */
  readonly dropRate: number
}

type SeededBlock = Block & { readonly seed: number }

/** The blocks of a variant, first to last. */
export function blocksOf(variant: Variant): Block[] {
  const blocks = variants[variant].stages.flatMap(({ repeats, filtersIn, filtersOut, strides, ...stage }, index) =>
    Array.from({ length: repeats }, (_, repeat) => ({
      ...stage,
      prefix: `block${index + 1}${String.fromCharCode(97 + repeat)}_`,
      strides: repeat === 0 ? strides : 1,
      filtersIn: repeat === 0 ? filtersIn : filtersOut,
      filtersOut,
    })),
  )
  return blocks.map((block, index) => ({ ...block, dropRate: (DROP_RATE * index) / blocks.length }))
}

/** The convolutions of a block, plus a shortcut where the shapes agree. */
function block(x: tf.SymbolicTensor, options: SeededBlock): tf.SymbolicTensor {
  const { prefix, fused, strides, filtersIn, filtersOut, dropRate } = options
  const projected = fused ? fusedBlock(x, options) : invertedBlock(x, options) // [N, s / strides, s / strides, filtersOut]
  return strides === 1 && filtersIn === filtersOut ? shortcut(projected, x, { prefix, dropRate }) : projected
}

/** Expand with a 3x3 convolution and project; a block that does not expand is one 3x3 convolution. */
function fusedBlock(x: tf.SymbolicTensor, options: SeededBlock): tf.SymbolicTensor {
  const { prefix, strides, filtersIn, filtersOut, expansion, seed } = options
  const [project, bn] = [`${prefix}project_conv`, `${prefix}project_bn`]
  if (expansion === 1) {
    return through(
      x,
      convolution(project, { filters: filtersOut, kernelSize: KERNEL_SIZE, strides, seed }),
      normalization(bn, MOMENTUM),
      swish(`${prefix}project_activation`),
    )
  }
  return through(
    x,
    convolution(`${prefix}expand_conv`, { filters: filtersIn * expansion, kernelSize: KERNEL_SIZE, strides, seed }),
    ...activated(`${prefix}expand_bn`, `${prefix}expand_activation`, MOMENTUM),
    convolution(project, { filters: filtersOut, kernelSize: 1, strides: 1, seed }),
    normalization(bn, MOMENTUM),
  )
}

/** Expand, convolve each channel, weight the channels, project. */
function invertedBlock(x: tf.SymbolicTensor, options: SeededBlock): tf.SymbolicTensor {
  const { prefix, strides, filtersIn, filtersOut, expansion, seed } = options
  const filters = filtersIn * expansion
  const convolved = through(
    x,
    convolution(`${prefix}expand_conv`, { filters, kernelSize: 1, strides: 1, seed }),
    ...activated(`${prefix}expand_bn`, `${prefix}expand_activation`, MOMENTUM), // [N, s, s, filters]
    depthwise(`${prefix}dwconv2`, { kernelSize: KERNEL_SIZE, strides, seed }),
    ...activated(`${prefix}bn`, `${prefix}activation`, MOMENTUM), // [N, s / strides, s / strides, filters]
  )
  return through(
    squeezeAndExcite(convolved, { prefix, filters, squeezed: Math.max(1, Math.floor(filtersIn * SQUEEZE)), seed }),
    convolution(`${prefix}project_conv`, { filters: filtersOut, kernelSize: 1, strides: 1, seed }),
    normalization(`${prefix}project_bn`, MOMENTUM),
  )
}
