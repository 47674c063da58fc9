import { ConfigError } from '../core/errors.ts'
import type { tf } from '../tensorflow/raw.ts'
import { assignWeights } from './assign.ts'
import { type BuildOptions, backboneOf, type EntryOf, type Network } from './network.ts'
import type { Architecture, FineTuneParams, NetworkEntry } from './params.ts'
import { pretrainedSource, readWeights } from './weights.ts'

type Build<A extends Architecture> = (entry: EntryOf<A>, options: BuildOptions) => Network

/** The file of each architecture, imported on demand: training runs, and depends on, its own architecture only. */
export const builders: { readonly [A in Architecture]: () => Promise<{ readonly build: Build<A> }> } = {
  original: () => import('../models/original.ts'),
  resnet: () => import('../models/resnet.ts'),
  efficientnet: () => import('../models/efficientnet.ts'),
  efficientnetv2: () => import('../models/efficientnetv2.ts'),
  convnext: () => import('../models/convnext.ts'),
  mobilenet: () => import('../models/mobilenet.ts'),
}

/** What a configuration says about its network. */
export interface NetworkConfiguration {
  readonly name: string
  readonly entry: NetworkEntry
  readonly train: { readonly dropout: number }
}

/** The build options that do not come from the configuration. */
type NetworkOptions = Omit<BuildOptions, 'dropout'>

/** The network of a configuration, ready for training; unless it starts from zero, its backbone has the entry's own or the official weights. */
export async function buildNetwork(configuration: NetworkConfiguration, options: NetworkOptions): Promise<Network> {
  const network = await buildUntrained(configuration, options)
  const { name, entry } = configuration
  if (entry.mode === 'zero') return network
  const source = pretrainedSource(name, entry.weights, network.pretrained)
  assignWeights(network, await readWeights(source))
  return network
}

/** The network of a configuration with random initial values; layers that its mode does not train are frozen. */
export async function buildUntrained(
  { name, entry, train }: NetworkConfiguration,
  options: NetworkOptions,
): Promise<Network> {
  if (entry.mode === 'zero' && entry.weights) {
    throw new ConfigError(
      `Expected no weights for ${name}, which starts from zero, received weights. Remove them or change mode.`,
    )
  }
  const network = await build(entry.architecture, entry, { ...options, dropout: train.dropout })
  if (entry.mode === 'transfer') freeze(backboneOf(network))
  if (entry.mode === 'fine-tune') freeze(layersBelow(network, entry.fineTune.unfreeze))
  return network
}

async function build<A extends Architecture>(
  architecture: A,
  entry: EntryOf<A>,
  options: BuildOptions,
): Promise<Network> {
  const builder = await builders[architecture]()
  return builder.build(entry, options)
}

function freeze(layers: readonly tf.layers.Layer[]): void {
  for (const layer of layers) layer.trainable = false
}

/** The blocks of a network from first to last, by the prefix of their layers' names: `conv2_block1` to `conv5_block3`. */
export function blockNames(network: Network): string[] {
  const blocks = backboneOf(network).flatMap(({ name }) => blockOf(network, name) ?? [])
  return [...new Set(blocks)]
}

/**
 * The layers of the backbone that stay frozen when the last `unfreeze` blocks are trained: all before the first of these.
 *
 * Layers between the blocks and the features, such as EfficientNet's top_conv, are trained with the last block; the stem
 * only with `all`.
 *
 * @throws ConfigError when the network has fewer blocks.
 */
export function layersBelow(network: Network, unfreeze: FineTuneParams['unfreeze']): tf.layers.Layer[] {
  if (unfreeze === 'all') return []
  const blocks = blockNames(network)
  const first = blocks.at(-unfreeze)
  if (unfreeze > blocks.length || first === undefined) {
    throw new ConfigError(
      `Expected fineTune.unfreeze of ${network.model.name} to be at most ${blocks.length}, the number of its blocks, received ${unfreeze}. Lower it, or write all.`,
    )
  }
  const backbone = backboneOf(network)
  return backbone.slice(
    0,
    backbone.findIndex(({ name }) => blockOf(network, name) === first),
  )
}

function blockOf({ block }: Network, layer: string): string | undefined {
  return block?.exec(layer)?.[1]
}
