import {
  activated,
  convolution,
  depthwise,
  normalization,
  shortcut,
  squeezeAndExcite,
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

/** Width and depth of each variant relative to B0, and the image size it was designed for. */
export const variants = {
  b0: { width: 1.0, depth: 1.0, imageSize: 224 },
  b1: { width: 1.0, depth: 1.1, imageSize: 240 },
  b2: { width: 1.1, depth: 1.2, imageSize: 260 },
  b3: { width: 1.2, depth: 1.4, imageSize: 300 },
  b4: { width: 1.4, depth: 1.8, imageSize: 380 },
  b5: { width: 1.6, depth: 2.2, imageSize: 456 },
  b6: { width: 1.8, depth: 2.6, imageSize: 528 },
  b7: { width: 2.0, depth: 3.1, imageSize: 600 },
} as const satisfies Record<EntryOf<'efficientnet'>['variant'], object>

/** The stages of B0. */
const STAGES = [
  { kernelSize: 3, repeats: 1, filtersIn: 32, filtersOut: 16, expansion: 1, strides: 1 },
  { kernelSize: 3, repeats: 2, filtersIn: 16, filtersOut: 24, expansion: 6, strides: 2 },
  { kernelSize: 5, repeats: 2, filtersIn: 24, filtersOut: 40, expansion: 6, strides: 2 },
  { kernelSize: 3, repeats: 3, filtersIn: 40, filtersOut: 80, expansion: 6, strides: 2 },
  { kernelSize: 5, repeats: 3, filtersIn: 80, filtersOut: 112, expansion: 6, strides: 1 },
  { kernelSize: 5, repeats: 4, filtersIn: 112, filtersOut: 192, expansion: 6, strides: 2 },
  { kernelSize: 3, repeats: 1, filtersIn: 192, filtersOut: 320, expansion: 6, strides: 1 },
] as const

const STEM_FILTERS = 32
const TOP_FILTERS = 1280
const SMALLEST_IMAGE = 32
/** Group 1: the block of a layer, `block7b` of `block7b_dwconv`. */
const BLOCK = /^(block\d[a-z])_/
/** Stochastic depth rises linearly from 0 at the first block towards this rate. */
const DROP_RATE = 0.2
/** Filters of the squeeze, as a share of the block's input channels. */
const SQUEEZE = 0.25
/** Of the batch norms. */
const MOMENTUM = 0.99

/**
 * EfficientNet B0 to B7: inverted bottlenecks with squeeze and excitation, wider and deeper from variant to variant.
 *
 *   image             [N, S, S, 3]            normalized with ImageNet's statistics, by a layer
 *   after the stem    [N, S/2, S/2, 32 width]
 *   after stage 1..7  [N, S/f, S/f, …]        f = 2, 4, 8, 16, 16, 32, 32
 *   features          [N, 1280 width]         filters are rounded to multiples of 8
 *
 * Source: Tan and Le, https://arxiv.org/abs/1905.11946, and keras/src/applications/efficientnet.py. Deviations that change
 * no number with Keras's ImageNet weights: its four preprocessing layers are one, and its zero padding at stride 2 is
 * TensorFlow's SAME. Without weights Keras only divides by 255; this normalizes in every mode.
 */
export function build(entry: EntryOf<'efficientnet'>, options: BuildOptions): Network {
  const { imageSize, seed } = options
  expectImageSize(entry.architecture, SMALLEST_IMAGE, imageSize)
  const { width } = variants[entry.variant]
  const image = tf.input({ shape: [imageSize, imageSize, 3], name: 'image' })
  let x = through(
    normalize(image, IMAGENET),
    convolution('stem_conv', { filters: roundFilters(STEM_FILTERS, width), kernelSize: 3, strides: 2, seed }),
    ...activated('stem_bn', 'stem_activation', MOMENTUM),
  ) // [N, S/2, S/2, 32 width]
  for (const shape of blocksOf(entry.variant)) x = block(x, { ...shape, seed })
  const features = 'avg_pool'
  x = through(
    x,
    convolution('top_conv', { filters: roundFilters(TOP_FILTERS, width), kernelSize: 1, strides: 1, seed }),
    ...activated('top_bn', 'top_activation', MOMENTUM), // [N, S/32, S/32, 1280 width]
    tf.layers.globalAveragePooling2d({ name: features }),
  )
  const model = tf.model({ inputs: image, outputs: classify(x, options), name: `efficientnet${entry.variant}` })
  return { model, features, block: BLOCK, pretrained: publishedWeights(entry) }
}

interface Block {
  /** Prefix of the names of its layers: `block1a_`. */
  readonly prefix: string
  readonly kernelSize: number
  readonly strides: number
  readonly filtersIn: number
  readonly filtersOut: number
  readonly expansion: number
  /** Probability that an image skips the block. */
  readonly dropRate: number
}

/** The blocks of a variant, first to last. */
export function blocksOf(variant: keyof typeof variants): Block[] {
  const { width, depth } = variants[variant]
  const blocks = STAGES.flatMap(({ repeats, filtersIn, filtersOut, strides, ...stage }, index) =>
    Array.from({ length: Math.ceil(depth * repeats) }, (_, repeat) => ({
      ...stage,
      prefix: `block${index + 1}${String.fromCharCode(97 + repeat)}_`,
      strides: repeat === 0 ? strides : 1,
      filtersIn: roundFilters(repeat === 0 ? filtersIn : filtersOut, width),
      filtersOut: roundFilters(filtersOut, width),
    })),
  )
  return blocks.map((block, index) => ({ ...block, dropRate: (DROP_RATE * index) / blocks.length }))
}

/** Filters times width, rounded to a multiple of 8 that is at most a tenth below. */
export function roundFilters(filters: number, width: number): number {
  const wanted = filters * width
  const nearest = Math.max(8, Math.floor((wanted + 4) / 8) * 8)
  return nearest < 0.9 * wanted ? nearest + 8 : nearest
}

/** Expand, convolve each channel, weight the channels, project; plus a shortcut where the shapes agree. */
function block(x: tf.SymbolicTensor, options: Block & { readonly seed: number }): tf.SymbolicTensor {
  const { prefix, kernelSize, strides, filtersIn, filtersOut, expansion, dropRate, seed } = options
  const filters = filtersIn * expansion
  const expanded =
    expansion === 1
      ? x
      : through(
          x,
          convolution(`${prefix}expand_conv`, { filters, kernelSize: 1, strides: 1, seed }),
          ...activated(`${prefix}expand_bn`, `${prefix}expand_activation`, MOMENTUM),
        ) // [N, s, s, filters]
  const convolved = through(
    expanded,
    depthwise(`${prefix}dwconv`, { kernelSize, strides, seed }),
    ...activated(`${prefix}bn`, `${prefix}activation`, MOMENTUM),
  ) // [N, s / strides, s / strides, filters]
  const projected = through(
    squeezeAndExcite(convolved, { prefix, filters, squeezed: Math.max(1, Math.floor(filtersIn * SQUEEZE)), seed }),
    convolution(`${prefix}project_conv`, { filters: filtersOut, kernelSize: 1, strides: 1, seed }),
    normalization(`${prefix}project_bn`, MOMENTUM),
  ) // [N, s / strides, s / strides, filtersOut]
  return strides === 1 && filtersIn === filtersOut ? shortcut(projected, x, { prefix, dropRate }) : projected
}
