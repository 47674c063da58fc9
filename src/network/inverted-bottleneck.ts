/** The parts of the blocks of EfficientNet, versions 1 and 2. */
import { tf } from '../tensorflow/raw.ts'
import { varianceScaling } from './initial.ts'
import { stochasticDepth, through } from './network.ts'

interface ConvolutionOptions {
  readonly filters: number
  readonly kernelSize: number
  readonly strides: number
  readonly seed: number
}

/** A convolution without bias, padded as TensorFlow's SAME. */
export function convolution(name: string, { seed, ...options }: ConvolutionOptions): tf.layers.Layer {
  return tf.layers.conv2d({ ...options, name, padding: 'same', useBias: false, kernelInitializer: spread(seed, name) })
}

/** A convolution of each channel by itself. */
export function depthwise(name: string, { seed, ...options }: Omit<ConvolutionOptions, 'filters'>): tf.layers.Layer {
  const depthwiseInitializer = spread(seed, name)
  return tf.layers.depthwiseConv2d({ ...options, name, padding: 'same', useBias: false, depthwiseInitializer })
}

function spread(seed: number, name: string) {
  return varianceScaling({ scale: 2, mode: 'fanOut', distribution: 'normal' }, seed, name)
}

/** A batch norm and swish. */
export function activated(bn: string, activation: string, momentum: number): tf.layers.Layer[] {
  return [normalization(bn, momentum), swish(activation)]
}

export function normalization(name: string, momentum: number): tf.layers.Layer {
  return tf.layers.batchNormalization({ name, epsilon: 1e-3, momentum })
}

export function swish(name: string): tf.layers.Layer {
  return tf.layers.activation({ name, activation: 'swish' })
}

interface ExcitationOptions {
  readonly prefix: string
  readonly filters: number
  readonly squeezed: number
  readonly seed: number
}

/** Squeeze and excitation: each channel times a weight in [0, 1], computed from the means of all channels. */
export function squeezeAndExcite(
  x: tf.SymbolicTensor,
  { prefix, filters, squeezed, seed }: ExcitationOptions,
): tf.SymbolicTensor {
  const weights = through(
    x,
    tf.layers.globalAveragePooling2d({ name: `${prefix}se_squeeze` }), // [N, filters]
    tf.layers.reshape({ targetShape: [1, 1, filters], name: `${prefix}se_reshape` }),
    gate(`${prefix}se_reduce`, { filters: squeezed, activation: 'swish', seed }), // [N, 1, 1, squeezed]
    gate(`${prefix}se_expand`, { filters, activation: 'sigmoid', seed }), // [N, 1, 1, filters]
  )
  return tf.layers.multiply({ name: `${prefix}se_excite` }).apply([x, weights]) as tf.SymbolicTensor
}

function gate(
  name: string,
  {
    filters,
    activation,
    seed,
  }: { readonly filters: number; readonly activation: 'swish' | 'sigmoid'; readonly seed: number },
): tf.layers.Layer {
  return tf.layers.conv2d({
    name,
    filters,
    kernelSize: 1,
    padding: 'same',
    activation,
    kernelInitializer: spread(seed, name),
  })
}

/** Adds the input of a block to its output, which training drops for an image with the probability `dropRate`. */
export function shortcut(
  output: tf.SymbolicTensor,
  input: tf.SymbolicTensor,
  { prefix, dropRate }: { readonly prefix: string; readonly dropRate: number },
): tf.SymbolicTensor {
  const dropped = dropRate > 0 ? through(output, stochasticDepth(`${prefix}drop`, dropRate)) : output
  return tf.layers.add({ name: `${prefix}add` }).apply([dropped, input]) as tf.SymbolicTensor
}
