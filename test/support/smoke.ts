import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseParams } from '../../src/command-line/params.ts'
import { readSha256 } from '../../src/core/files.ts'
import { backboneOf, NORMALIZATION } from '../../src/network/network.ts'
import type { WeightsSource } from '../../src/network/params.ts'
import { buildUntrained } from '../../src/network/registry.ts'
import { type ModelEntry, selectConfiguration } from '../../src/train/params.ts'
import type { Clone } from './clone.ts'
import { writeKerasFile } from './parity.ts'
import { makeTiny } from './tiny.ts'

/** Side of the images: the smallest that the study's own network takes. */
export const SMOKE_SIDE = 110
/** Of the 10 images of a class, 8 are there to train with: three steps an epoch. */
const SAMPLE = { imagesPerClass: 10, testImagesPerClass: 2, size: SMOKE_SIDE }
const BATCH = 8

const animals10 = parseParams(await readFile('profiles/animals10.yaml', 'utf8'), 'profiles/animals10.yaml')

/** The study's seven configurations and its own ways to fine-tune, as the profile has them. */
const ENTRIES = Object.entries(animals10.models).filter(([, { architecture }]) => architecture !== 'mobilenet')
export const SMOKE_CONFIGS = ENTRIES.map(([name]) => name)

/** Makes a clone's pipeline one of an epoch a phase, on drawn images and random weights in files of the official layout. */
export async function makeSmoke(clone: Clone): Promise<void> {
  const weights = new Map<string, WeightsSource>()
  for (const config of ['resnet50-transfer', 'efficientnetb4-transfer']) {
    const { entry } = selectConfiguration(animals10, config)
    weights.set(entry.architecture, await writeWeights(clone, config))
  }
  await makeTiny(clone, {
    seed: 1,
    fetch: { source: 'sample', maxRejected: 0.02, ...SAMPLE },
    image: { size: SMOKE_SIDE, fit: 'cover' },
    'augment.copies': 0,
    'train.batchSize': BATCH,
    'train.inferenceBatchSize': 6,
    'evaluate.batchSize': 6,
    'checkpoint.everyEpochs': 10, // some are 400 MB
    gate: {
      validation: 0,
      test: 0,
      minValidationImages: 1,
      minTestImages: 1,
      regression: { alpha: 0.05, minImages: 1 },
    },
    models: Object.fromEntries(
      ENTRIES.map(([name, entry]) => [name, shortened(entry, weights.get(entry.architecture))]),
    ),
  })
}

/** The entry with an epoch a phase, and the weights that its mode takes. */
function shortened(entry: ModelEntry, weights: WeightsSource | undefined): ModelEntry {
  if (entry.mode !== 'fine-tune') return { ...entry, epochs: 1, ...(entry.mode === 'transfer' && { weights }) }
  const { head } = entry.fineTune
  return { ...entry, epochs: 1, weights, fineTune: { ...entry.fineTune, head: head && { ...head, epochs: 1 } } }
}

/** Random weights for the backbone of a configuration, in a file as Keras publishes them. */
async function writeWeights({ root }: Clone, config: string): Promise<WeightsSource> {
  const path = `.paddock/weights/${config}.h5`
  const options = { imageSize: SMOKE_SIDE, classCount: 3, seed: 1 }
  const network = await buildUntrained(selectConfiguration(animals10, config), options)
  const layers = backboneOf(network).map(({ name, weights }) => {
    const official =
      name === NORMALIZATION ? [] : weights.map(({ originalName, shape }) => [`${originalName}:0`, shape])
    return [name, Object.fromEntries(official) as Record<string, number[]>] as const
  })
  network.model.dispose()
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeKerasFile(join(root, path), { layers, gain: 1 })
  return { path, sha256: await readSha256(join(root, path)) }
}
