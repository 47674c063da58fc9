import { ConfigError } from '../core/errors.ts'
import type { LayerGraph } from '../tensorflow/graph.ts'
import { tf } from '../tensorflow/raw.ts'
import { glorotUniform } from './initial.ts'
import type { Architecture, NetworkEntry } from './params.ts'

/** The entries of `models` in params.yaml that ask for this architecture. */
export type EntryOf<A extends Architecture> = Extract<NetworkEntry, { architecture: A }>

/** What a network needs to know beside its entry. */
export interface BuildOptions {
  /** Side of the images, in pixels. */
  readonly imageSize: number
  readonly classCount: number
  /** Every initial value follows from it and from the name of the layer. */
  readonly seed: number
  /** Rate of the dropout before the last layer; 0 leaves the layer out. */
  readonly dropout: number
}

/**
 * A network of stock TensorFlow.js layers under Keras's names.
 *
 *   image          [N, S, S, 3]          float32 pixels, 0 to 255; preprocessing is a layer
 *   features       [N, C]
 *   probabilities  [N, classCount]       of the last layer, `classification`; rows sum to 1
 */
export interface Network {
  readonly model: tf.LayersModel
  /** Name of the layer whose output is the features: everything up to it is the backbone, what follows is the head. */
  readonly features: string
  /** Where the official weights of the backbone are, null when there are none. */
  readonly pretrained: PretrainedWeights | null
  /** The weight whose input channels are blue, green, red in Keras's own network, and red, green, blue here. */
  readonly bgrKernel?: string
  /** Its first group is the block that a layer of this name belongs to: what can be unfrozen by itself. */
  readonly block?: RegExp
}

/** Published weights: a TensorFlow.js layers model, or a file that Keras wrote. */
export interface PretrainedWeights {
  /** Address of the model.json, or of the file. */
  readonly url: string
  /** As in `readWeights`, or null where nobody here has had the files. */
  readonly sha256: string | null
  /** Of a file of Keras, as Keras checks it. */
  readonly md5?: string
  /** Of a file of Keras, where it is known. */
  readonly sizeBytes?: number
  /** Layers of the published model that are no part of the backbone. */
  readonly head: readonly string[]
}

/** The activation after one layer after the other. */
export function through(x: tf.SymbolicTensor, ...layers: readonly tf.layers.Layer[]): tf.SymbolicTensor {
  return layers.reduce((before, layer) => layer.apply(before) as tf.SymbolicTensor, x)
}

/** Name of the layer that `normalize` adds; its weights are constants of the architecture, and no file of weights has them. */
export const NORMALIZATION = 'normalization'

/** Mean and standard deviation of each channel, red, green, blue, in pixel values. */
export interface Channels {
  readonly mean: readonly number[]
  readonly sigma: readonly number[]
}

/** (x - mean) / sigma of each channel by one frozen layer that every TensorFlow.js knows: [N, S, S, 3] to the same shape. */
export function normalize(image: tf.SymbolicTensor, { mean, sigma }: Channels): tf.SymbolicTensor {
  const layer = tf.layers.depthwiseConv2d({
    name: NORMALIZATION,
    kernelSize: 1,
    depthwiseInitializer: 'ones',
    trainable: false,
  })
  const x = through(image, layer)
  tf.tidy(() => {
    const kernel = tf.tensor(
      sigma.map((deviation) => 1 / deviation),
      [1, 1, 3, 1],
    )
    const bias = tf.tensor(mean.map((value, channel) => -value / (sigma[channel] ?? Number.NaN)))
    layer.setWeights([kernel, bias])
  })
  return x
}

const DROPOUT = 'dropout'
const CLASSIFICATION = 'classification'

/** The head of every network: dropout, where there is any, and a dense softmax: [N, C] to [N, classCount]. */
export function classify(features: tf.SymbolicTensor, { classCount, dropout, seed }: BuildOptions): tf.SymbolicTensor {
  const kernelInitializer = glorotUniform(seed, CLASSIFICATION)
  const dense = tf.layers.dense({ name: CLASSIFICATION, units: classCount, activation: 'softmax', kernelInitializer })
  return dropout > 0
    ? through(features, tf.layers.dropout({ name: DROPOUT, rate: dropout }), dense)
    : through(features, dense)
}

/** The layer of a network, built or loaded, whose output the features are: the one that the head reads. */
export function featuresOf(graph: LayerGraph): string {
  const head = graph.find(({ name }) => name === DROPOUT || name === CLASSIFICATION)
  const features = head?.inputs[0]
  if (features === undefined) throw new Error(`Expected a network that ends with ${CLASSIFICATION}`)
  return features
}

/** The layers of the backbone: those up to the features. */
export function backboneOf({ model, features }: Network): tf.layers.Layer[] {
  return model.layers.slice(0, model.layers.findIndex(({ name }) => name === features) + 1)
}

/** @throws ConfigError when the images are too small for the network. */
export function expectImageSize(architecture: Architecture, smallest: number, imageSize: number): void {
  if (imageSize >= smallest) return
  throw new ConfigError(
    `Expected images of at least ${smallest} px for ${architecture}, received ${imageSize} px. Raise image.size or choose another architecture.`,
  )
}
