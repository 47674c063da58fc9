import { loadParams } from '../../src/command-line/params.ts'
import { readSha256 } from '../../src/core/files.ts'
import type { Network } from '../../src/network/network.ts'
import type { NetworkEntry } from '../../src/network/params.ts'
import { buildNetwork } from '../../src/network/registry.ts'
import { setWeights } from '../../src/tensorflow/graph.ts'
import { formulaWeight } from './formula.ts'

/** A network to compare, under its name in Keras. */
export interface Compared {
  readonly name: string
  /** Side of the images, in pixels. */
  readonly side: number
  readonly entry: Bare<Exclude<NetworkEntry, { architecture: 'original' }>>
}

/** An entry without what makes a training of it. */
type Bare<Entry> = Entry extends unknown ? Omit<Entry, 'mode' | 'fineTune' | 'weights'> : never

const resnet50 = { name: 'resnet50', entry: { architecture: 'resnet' } } as const
const efficientnetb0 = { name: 'efficientnetb0', entry: { architecture: 'efficientnet', variant: 'b0' } } as const
const efficientnetb4 = { name: 'efficientnetb4', entry: { architecture: 'efficientnet', variant: 'b4' } } as const

const efficientnetv2b0 = {
  name: 'efficientnetv2-b0',
  entry: { architecture: 'efficientnetv2', variant: 'b0' },
} as const
const efficientnetv2s = { name: 'efficientnetv2-s', entry: { architecture: 'efficientnetv2', variant: 's' } } as const

const convnextTiny = { name: 'convnext_tiny', entry: { architecture: 'convnext', variant: 'tiny' } } as const

/** At the image size of the study; B4 also at its own; ConvNeXt smaller, since Keras's grouped convolutions in float64 take minutes an image. */
export const compared: readonly Compared[] = [
  { ...resnet50, side: 224 },
  { ...efficientnetb0, side: 224 },
  { ...efficientnetb4, side: 224 },
  { ...efficientnetb4, side: 380 },
  { ...efficientnetv2b0, side: 224 },
  { ...efficientnetv2s, side: 224 },
  { ...convnextTiny, side: 64 },
]

export const CLASSES = 3

/** Trains every layer and updates the running statistics, as Keras does by default. */
export const WHOLE = { head: null, unfreeze: 'all', batchNorm: 'moving' } as const
const HEAD = 'classification'

/** The network as a configuration builds it from a Keras weight file, with a head that both sides know. */
export async function openCompared({ name, side, entry }: Compared, path: string): Promise<Network> {
  const { train } = await loadParams('profiles/sample.yaml')
  const weights = { path, sha256: await readSha256(path) }
  const shared = { mode: 'fine-tune', fineTune: WHOLE, weights } as const
  const configuration = { name, entry: { ...entry, ...shared }, train: { ...train, dropout: 0 } }
  const network = await buildNetwork(configuration, { imageSize: side, classCount: CLASSES, seed: 1 })
  setWeights(network.model, headOf(network))
  return network
}

/** Weights of the head. */
export function headOf({ model }: Network): Map<string, Float32Array> {
  return new Map(
    model.getLayer(HEAD).weights.map(({ originalName, shape }) => {
      return [originalName, formulaWeight(`${originalName}:0`, shape.map(Number), 1)]
    }),
  )
}
