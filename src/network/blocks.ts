import { ConfigError } from '../core/errors.ts'
import type { tf } from '../tensorflow/runtime.ts'
import { backboneOf, type Network } from './network.ts'
import type { FineTuneParams } from './params.ts'

/** The blocks of a network from the first to the last, as its layers' names have them: `conv2_block1` to `conv5_block3`. */
export function blockNames(network: Network): string[] {
  const blocks = backboneOf(network).flatMap(({ name }) => blockOf(network, name) ?? [])
  return [...new Set(blocks)]
}

/**
 * The layers of the backbone that stay frozen when so many of the last blocks are trained: those before the first of these.
 *
 * What stands between the blocks and the features, such as EfficientNet's top_conv, is trained with the last block; the stem
 * only with `all`.
 *
 * @throws ConfigError when there are not as many blocks.
 */
export function layersBelow(network: Network, unfreeze: FineTuneParams['unfreeze']): tf.layers.Layer[] {
  if (unfreeze === 'all') return []
  const blocks = blockNames(network)
  const first = blocks.at(-unfreeze)
  if (unfreeze > blocks.length || first === undefined) {
    throw new ConfigError(
      `Expected fineTune.unfreeze of ${network.model.name} to be at most ${blocks.length}, as many as it has blocks, received ${unfreeze}. Lower it, or write all.`,
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
