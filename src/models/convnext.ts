import { glorotUniform } from '../network/initial.ts'
import {
  type BuildOptions,
  classify,
  type EntryOf,
  expectImageSize,
  IMAGENET,
  type Network,
  normalize,
  stochasticDepth,
  through,
} from '../network/network.ts'
import { publishedWeights } from '../network/published.ts'
import { tf } from '../tensorflow/raw.ts'

/** The stages of each variant. */
export const variants = {
  tiny: [
    { filters: 96, blocks: 3 },
    { filters: 192, blocks: 3 },
    { filters: 384, blocks: 9 },
    { filters: 768, blocks: 3 },
  ],
} as const satisfies Record<EntryOf<'convnext'>['variant'], object>

/** Prefix of the layers' names. */
const NAME = 'convnext_tiny'

const SMALLEST_IMAGE = 32
/** Group 1: the block of a layer. */
const BLOCK = /^(convnext_tiny_stage_\d_block_\d)_/
const EPSILON = 1e-6
/** The first value of a layer scale. */
const LAYER_SCALE = 1e-6
const FEATURES = 'layer_normalization'

/**
 * ConvNeXt-Tiny: four stages of blocks of a 7x7 depthwise convolution and two 1x1 ones, with layer norms in place of batch
 * norms.
 *
 *   image              [N, S, S, 3]           normalized with ImageNet's statistics, by a layer
 *   after the stem     [N, S/4, S/4, 96]      sizes rounded down
 *   after stage 0..3   [N, S/f, S/f, …]       f = 4, 8, 16, 32; 96, 192, 384, 768 channels
 *   features           [N, 768]               means over the image, layer norm
 *
 * Source: Liu et al., https://arxiv.org/abs/2201.03545, and keras/src/applications/convnext.py. Deviations that change no
 * number: Keras's grouped convolution of one channel a group is a depthwise one, its dense layers on images are 1x1
 * convolutions and its layer scale is a depthwise 1x1 convolution, all under Keras's names, so that stock TensorFlow.js can
 * load a saved model. The stem and each downsampling are layers of the network, where Keras has networks in it. Keras's
 * sums have no names.
 */
export function build(entry: EntryOf<'convnext'>, options: BuildOptions): Network {
  const { imageSize, seed } = options
  expectImageSize(entry.architecture, SMALLEST_IMAGE, imageSize)
  const stages = variants[entry.variant]
  const last = stages.reduce((sum, { blocks }) => sum + blocks, 0) - 1
  const image = tf.input({ shape: [imageSize, imageSize, 3], name: 'image' })
  let x = normalize(image, IMAGENET)
  let number = 0
  for (const [index, { filters, blocks }] of stages.entries()) {
    x = index === 0 ? stem(x, filters, seed) : downsampled(x, { index: index - 1, filters, seed })
    for (let place = 0; place < blocks; place++) {
      const dropRate = ((entry.stochasticDepth ?? 0) * number++) / last
      x = block(x, { name: `${NAME}_stage_${index}_block_${place}`, filters, dropRate, seed })
    }
  }
  x = through(
    x,
    tf.layers.globalAveragePooling2d({ name: 'global_average_pooling2d' }), // [N, 768]
    layerNorm(FEATURES),
  )
  const model = tf.model({ inputs: image, outputs: classify(x, options), name: NAME })
  return { model, features: FEATURES, block: BLOCK, pretrained: publishedWeights(entry), layersOfKeras }
}

/** Keras's nested networks, and the last layer norm, whose name depends on what was built before and on the top. */
function layersOfKeras(layer: string): readonly string[] | undefined {
  if (layer === `${NAME}_stem`) return [`${NAME}_stem_conv`, `${NAME}_stem_layernorm`]
  if (layer === `${NAME}_head_layernorm` || /^layer_normalization(_\d+)?$/.test(layer)) return [FEATURES]
  const index = /_downsampling_block_(\d)$/.exec(layer)?.[1]
  return index === undefined
    ? undefined
    : [`${NAME}_downsampling_layernorm_${index}`, `${NAME}_downsampling_conv_${index}`]
}

function stem(x: tf.SymbolicTensor, filters: number, seed: number): tf.SymbolicTensor {
  return through(
    x,
    convolution(`${NAME}_stem_conv`, { filters, size: 4, seed }), // [N, S/4, S/4, 96]
    layerNorm(`${NAME}_stem_layernorm`),
  )
}

/** Half the size, twice the channels. */
function downsampled(
  x: tf.SymbolicTensor,
  { index, filters, seed }: { readonly index: number; readonly filters: number; readonly seed: number },
): tf.SymbolicTensor {
  return through(
    x,
    layerNorm(`${NAME}_downsampling_layernorm_${index}`),
    convolution(`${NAME}_downsampling_conv_${index}`, { filters, size: 2, seed }),
  )
}

interface BlockOptions {
  readonly name: string
  readonly filters: number
  /** Probability that an image skips the block. */
  readonly dropRate: number
  readonly seed: number
}

/** `[N, s, s, filters]` → the same shape. */
function block(x: tf.SymbolicTensor, { name, filters, dropRate, seed }: BlockOptions): tf.SymbolicTensor {
  const depthwise = `${name}_depthwise_conv`
  const depthwiseInitializer = glorotUniform(seed, depthwise)
  const residual = through(
    x,
    tf.layers.depthwiseConv2d({ name: depthwise, kernelSize: 7, padding: 'same', depthwiseInitializer }),
    layerNorm(`${name}_layernorm`),
    convolution(`${name}_pointwise_conv_1`, { filters: 4 * filters, size: 1, seed }),
    tf.layers.activation({ name: `${name}_gelu`, activation: 'gelu' }),
    convolution(`${name}_pointwise_conv_2`, { filters, size: 1, seed }),
    layerScale(`${name}_layer_scale`),
    dropRate > 0
      ? stochasticDepth(`${name}_stochastic_depth`, dropRate)
      : tf.layers.activation({ name: `${name}_identity`, activation: 'linear' }),
  )
  return tf.layers.add({ name: `${name}_add` }).apply([x, residual]) as tf.SymbolicTensor
}

/** A convolution of areas that do not overlap. */
function convolution(
  name: string,
  { filters, size, seed }: { readonly filters: number; readonly size: number; readonly seed: number },
): tf.layers.Layer {
  return tf.layers.conv2d({
    name,
    filters,
    kernelSize: size,
    strides: size,
    kernelInitializer: glorotUniform(seed, name),
  })
}

/** Each channel times a factor that is learned. */
function layerScale(name: string): tf.layers.Layer {
  const depthwiseInitializer = tf.initializers.constant({ value: LAYER_SCALE })
  return tf.layers.depthwiseConv2d({ name, kernelSize: 1, useBias: false, depthwiseInitializer })
}

function layerNorm(name: string): tf.layers.Layer {
  return tf.layers.layerNormalization({ name, epsilon: EPSILON })
}
