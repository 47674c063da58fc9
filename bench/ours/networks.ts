import { loadParams, paramsSchema } from '../../src/command-line/params.ts'
import { seededRng } from '../../src/core/random.ts'
import type { Network } from '../../src/network/network.ts'
import { buildUntrained } from '../../src/network/registry.ts'
import type { ModelEntry } from '../../src/train/params.ts'
import type { CountedLayer } from '../arithmetic.ts'

export const IMAGE_SIZE = 224
export const CLASS_COUNT = 3

/** The networks by the names that both sides know. */
const ENTRIES: Readonly<Record<string, ModelEntry>> = {
  original: { architecture: 'original', mode: 'zero' },
  resnet50: { architecture: 'resnet', mode: 'zero' },
  efficientnetb0: { architecture: 'efficientnet', mode: 'zero', variant: 'b0' },
  mobilenet: { architecture: 'mobilenet', mode: 'zero', width: 1 },
}

/** A network with random weights, and what of `train` it would be trained with: Adam, cross-entropy, nothing else. */
export async function openNetwork(name: string) {
  const entry = ENTRIES[name]
  if (!entry) throw new Error(`the bench knows the networks ${Object.keys(ENTRIES).join(', ')}, received ${name}`)
  const params = await loadParams('profiles/sample.yaml')
  const train = { ...paramsSchema.shape.train.parse(params.train), dropout: 0, engine: 'compiled' as const }
  const options = { imageSize: IMAGE_SIZE, classCount: CLASS_COUNT, seed: 1 }
  return { network: await buildUntrained({ name, entry, train }, options), train }
}

/** The layers of a network as their arithmetic is counted. */
export function countedLayers({ model }: Network): CountedLayer[] {
  return model.layers.map((layer) => {
    const kernel = layer.weights.find(({ originalName }) => originalName.endsWith('kernel'))
    const outputShape = (layer.outputShape as (number | null)[]).slice(1).map((size) => size ?? 0)
    const className = layer.getClassName()
    return kernel ? { className, outputShape, kernelShape: kernel.shape.map(Number) } : { className, outputShape }
  })
}

/** Random images, uint8 `[count, 224, 224, 3]` in one array, and their classes. */
export function randomImages(count: number): { values: Uint8Array; labels: Int32Array } {
  const rng = seededRng(1, 'bench')
  return {
    values: Uint8Array.from({ length: count * IMAGE_SIZE ** 2 * 3 }, () => Math.floor(256 * rng())),
    labels: Int32Array.from({ length: count }, (_, place) => place % CLASS_COUNT),
  }
}
