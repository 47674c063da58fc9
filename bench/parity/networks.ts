import { loadParams } from '../../src/command-line/params.ts'
import { readSha256 } from '../../src/core/files.ts'
import type { Network } from '../../src/network/network.ts'
import { buildNetwork } from '../../src/network/registry.ts'
import { setWeights } from '../../src/tensorflow/graph.ts'
import type { ModelEntry } from '../../src/train/params.ts'
import { formulaWeight } from './formula.ts'

/** A network as it is compared; `name` is what both sides call it. */
export interface Compared {
  readonly name: string
  /** Side of the images, in pixels. */
  readonly side: number
  readonly entry: Pick<Extract<ModelEntry, { architecture: 'resnet' }>, 'architecture'> | EfficientNet
}

type EfficientNet = Pick<Extract<ModelEntry, { architecture: 'efficientnet' }>, 'architecture' | 'variant'>

const resnet50 = { name: 'resnet50', entry: { architecture: 'resnet' } } as const
const efficientnetb0 = { name: 'efficientnetb0', entry: { architecture: 'efficientnet', variant: 'b0' } } as const
const efficientnetb4 = { name: 'efficientnetb4', entry: { architecture: 'efficientnet', variant: 'b4' } } as const

/** At the size of the study, and B4 at its own too. */
export const compared: readonly Compared[] = [
  { ...resnet50, side: 224 },
  { ...efficientnetb0, side: 224 },
  { ...efficientnetb4, side: 224 },
  { ...efficientnetb4, side: 380 },
]

export const CLASSES = 3

/** Every layer at once, and statistics that move: the training step of Keras without further ado. */
export const WHOLE = { head: null, unfreeze: 'all', batchNorm: 'moving' } as const
const HEAD = 'classification'

/** The network with the weights of a file of Keras, as a configuration gets it, and a head that both sides know. */
export async function openCompared({ name, side, entry }: Compared, path: string): Promise<Network> {
  const { train } = await loadParams('profiles/sample.yaml')
  const weights = { path, sha256: await readSha256(path) }
  const shared = { mode: 'fine-tune', fineTune: WHOLE, weights } as const
  const full = entry.architecture === 'resnet' ? { ...entry, ...shared } : { ...entry, ...shared }
  const configuration = { name, entry: full, train: { ...train, dropout: 0 } }
  const network = await buildNetwork(configuration, { imageSize: side, classCount: CLASSES, seed: 1 })
  setWeights(network.model, headOf(network))
  return network
}

/** Weights for the layer after the features. */
export function headOf({ model }: Network): Map<string, Float32Array> {
  return new Map(
    model.getLayer(HEAD).weights.map(({ originalName, shape }) => {
      return [originalName, formulaWeight(`${originalName}:0`, shape.map(Number), 1)]
    }),
  )
}
