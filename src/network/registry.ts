import { ConfigError } from '../core/errors.ts'
import type { tf } from '../tensorflow/runtime.ts'
import type { Configuration } from '../train/params.ts'
import { assignWeights } from './assign.ts'
import { layersBelow } from './blocks.ts'
import { type BuildOptions, backboneOf, type EntryOf, type Network } from './network.ts'
import type { Architecture } from './params.ts'
import { pretrainedSource, readWeights } from './weights.ts'

/** What the file of an architecture exports, beside its `variants`. */
export interface ModelBuilder<A extends Architecture> {
  readonly build: (entry: EntryOf<A>, options: BuildOptions) => Network
}

/** The file of each architecture; imported only when it is asked for. */
export const builders: { readonly [A in Architecture]: () => Promise<ModelBuilder<A>> } = {
  original: () => import('../models/original.ts'),
  resnet: () => import('../models/resnet.ts'),
  efficientnet: () => import('../models/efficientnet.ts'),
  mobilenet: () => import('../models/mobilenet.ts'),
}

/** What the caller knows and the configuration does not. */
export type NetworkOptions = Omit<BuildOptions, 'dropout'>

/** The network of a configuration, ready for training: official weights or the entry's own in the backbone, unless it starts from zero. */
export async function buildNetwork(configuration: Configuration, options: NetworkOptions): Promise<Network> {
  const network = await buildUntrained(configuration, options)
  const { name, entry } = configuration
  if (entry.mode === 'zero') return network
  const source = pretrainedSource(name, entry.weights, network.pretrained)
  assignWeights(network, await readWeights(source))
  return network
}

/** The network of a configuration with random initial values; what its mode does not train is frozen. */
export async function buildUntrained({ name, entry, train }: Configuration, options: NetworkOptions): Promise<Network> {
  if (entry.mode === 'zero' && entry.weights) {
    throw new ConfigError(
      `Expected no weights for ${name}, which starts from zero, received weights. Leave them out or change mode.`,
    )
  }
  const network = await build(entry.architecture, entry, { ...options, dropout: train.dropout })
  if (entry.mode === 'transfer') freeze(backboneOf(network))
  if (entry.mode === 'fine-tune') freeze(layersBelow(network, entry.fineTune.unfreeze))
  return network
}

function freeze(layers: readonly tf.layers.Layer[]): void {
  for (const layer of layers) layer.trainable = false
}

async function build<A extends Architecture>(
  architecture: A,
  entry: EntryOf<A>,
  options: BuildOptions,
): Promise<Network> {
  const builder = await builders[architecture]()
  return builder.build(entry, options)
}
