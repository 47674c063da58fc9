import { ConfigError } from '../core/errors.ts'
import type { LayerGraph } from '../tensorflow/graph.ts'
import { tf } from '../tensorflow/raw.ts'
import { glorotUniform } from './initial.ts'
import type { Architecture, NetworkEntry } from './params.ts'

/** The entries of `models` in params.yaml with this architecture. */
export type EntryOf<A extends Architecture> = Extract<NetworkEntry, { architecture: A }>

/** Everything that a network depends on beside its entry. */
export interface BuildOptions {
  /** Side of an image, in pixels. */
  readonly imageSize: number
  readonly classCount: number
  /** All initial values follow from the seed and the name of the layer. */
  readonly seed: number
  /** Rate of the dropout before the last layer; 0: no such layer. */
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
  /** Name of the layer whose output is the features: the backbone ends with it, the head follows. */
  readonly features: string
  /** The official weights of the backbone; null: none are published. */
  readonly pretrained: PretrainedWeights | null
  /** The kernel whose input channels are blue, green, red in Keras's network, and red, green, blue here. */
  readonly bgrKernel?: string
  /** Our layers, in order, of a layer of Keras's that contains several or has another name. */
  readonly layersOfKeras?: (layer: string) => readonly string[] | undefined
  /** Group 1 captures the block name of a layer (the unit of `unfreeze`). */
  readonly block?: RegExp
}

/** Published weights: a TensorFlow.js layers model or a Keras HDF5 file. */
export interface PretrainedWeights {
  /** Of the model.json or of the HDF5 file. */
  readonly url: string
  /** As in `readWeights`; null: not known. */
  readonly sha256: string | null
  /** Of an HDF5 file: the checksum that Keras itself checks. */
  readonly md5?: string
  /** Of an HDF5 file. */
  readonly sizeBytes?: number
  /** Layers of the published model after its backbone. */
  readonly head: readonly string[]
  /** With the place that states it. */
  readonly licence: string
}

/** Applies layers one after another. */
export function through(x: tf.SymbolicTensor, ...layers: readonly tf.layers.Layer[]): tf.SymbolicTensor {
  return layers.reduce((before, layer) => layer.apply(before) as tf.SymbolicTensor, x)
}

/** Channel means and standard deviations of ImageNet, red, green, blue, in pixel values. */
export const IMAGENET = { mean: [0.485, 0.456, 0.406].map(toPixels), sigma: [0.229, 0.224, 0.225].map(toPixels) }

/** The layer that `normalize` adds. Its weights are constants of the architecture, which no weight file holds. */
export const NORMALIZATION = 'normalization'

/**
 * (x - mean) / sigma of each channel, red, green, blue, in pixel values, by one frozen stock layer: `[N, S, S, 3]` → the same
 * shape.
 */
export function normalize(
  image: tf.SymbolicTensor,
  { mean, sigma }: { readonly mean: readonly number[]; readonly sigma: readonly number[] },
): tf.SymbolicTensor {
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

function toPixels(fraction: number): number {
  return 255 * fraction
}

/** Drops all activations of an image at once. */
export function stochasticDepth(name: string, rate: number): tf.layers.Layer {
  // The types of tfjs lack the null for "as in the input" that its code and Keras accept.
  return tf.layers.dropout({ name, rate, noiseShape: [null, 1, 1, 1] as unknown as number[] })
}

const DROPOUT = 'dropout'
const CLASSIFICATION = 'classification'

/** The head of every network, dropout and a dense softmax: `[N, C]` → `[N, classCount]`. */
export function classify(features: tf.SymbolicTensor, { classCount, dropout, seed }: BuildOptions): tf.SymbolicTensor {
  const kernelInitializer = glorotUniform(seed, CLASSIFICATION)
  const dense = tf.layers.dense({ name: CLASSIFICATION, units: classCount, activation: 'softmax', kernelInitializer })
  return dropout > 0
    ? through(features, tf.layers.dropout({ name: DROPOUT, rate: dropout }), dense)
    : through(features, dense)
}

/** The name of the layer whose output is the features, in a built or a loaded network. */
export function featuresOf(graph: LayerGraph): string {
  const head = graph.find(({ name }) => name === DROPOUT || name === CLASSIFICATION)
  const features = head?.inputs[0]
  if (features === undefined) throw new Error(`Expected a network with the layer ${CLASSIFICATION}, received none.`)
  return features
}

/** The layers of the backbone, up to and including the features. */
export function backboneOf({ model, features }: Network): tf.layers.Layer[] {
  return model.layers.slice(0, model.layers.findIndex(({ name }) => name === features) + 1)
}

/** @throws ConfigError when the images are too small for the architecture. */
export function expectImageSize(architecture: Architecture, smallest: number, imageSize: number): void {
  if (imageSize >= smallest) return
  throw new ConfigError(
    `Expected images of at least ${smallest} px for ${architecture}, received ${imageSize} px. Raise image.size or choose another architecture.`,
  )
}
