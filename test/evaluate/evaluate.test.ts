import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openImages } from '../../src/batches/batches.ts'
import { writePacked } from '../../src/batches/packed.ts'
import { paths } from '../../src/core/paths.ts'
import { seededRng } from '../../src/core/random.ts'
import { openPredictor } from '../../src/evaluate/evaluate.ts'
import { openFeatures } from '../../src/network/features.ts'
import { featuresOf } from '../../src/network/network.ts'
import { loadModel, type SavedModel, saveModel } from '../../src/network/saved.ts'
import { EVALUATED_PARTS, type Prediction } from '../../src/scores/predictions.ts'
import { graphUpTo } from '../../src/tensorflow/graph.ts'
import { brightnessImages, SIDE, smallNetwork } from '../support/small-network.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const CLASSES = ['cat', 'dog', 'horse']
const COUNTS = { validation: 11, holdout: 6, test: 3 }
const BATCH_SIZE = 4
const folder = temporaryFolder({ per: 'file', enter: true })
let model: SavedModel

beforeAll(async () => {
  await mkdir(paths.augment, { recursive: true })
  for (const part of EVALUATED_PARTS) {
    const { values, labels } = brightnessImages(COUNTS[part], seededRng(1, part))
    const rows = [...labels].map((label, i) => ({ id: `${part}/${i}.png`, label: CLASSES[label] ?? '', variant: 0 }))
    const size = SIDE * SIDE * 3
    await writePacked(paths.augment, part, { rows, size: SIDE }, async (writeRow) => {
      for (const row of rows.keys()) await writeRow(row, values.subarray(row * size, (row + 1) * size))
    })
  }
  const network = smallNetwork()
  await saveModel('model', network, {
    config: 'small',
    architecture: 'original',
    mode: 'transfer',
    classes: CLASSES,
    trainImages: new Map(),
    epochs: 1,
    bestEpoch: 1,
    image: { size: SIDE, fit: 'cover' },
  })
  network.dispose()
  model = await loadModel('model')
})

afterAll(async () => {
  vi.unstubAllEnvs()
})

/** What a model says of every part, with features kept in a folder of that name. */
async function predictAll(given: SavedModel, cache: string): Promise<Prediction[]> {
  vi.stubEnv('PADDOCK_FEATURES', join(folder.path, cache))
  const predictor = openPredictor(given, BATCH_SIZE)
  const predictions: Prediction[] = []
  for (const part of EVALUATED_PARTS) {
    const images = await openImages(part, CLASSES)
    predictions.push(...(await predictor.predict(images, part)))
    await images.close()
  }
  predictor.dispose()
  return predictions
}

/** Has the features of validation kept, as training does it. */
async function keepValidation(cache: string): Promise<void> {
  vi.stubEnv('PADDOCK_FEATURES', join(folder.path, cache))
  const backbone = { graph: graphUpTo(model.graph, featuresOf(model.graph)), weights: model.weights }
  const extractor = openFeatures(backbone, {
    stage: 'train@small',
    inputShape: [SIDE, SIDE, 3],
    engine: 'compiled',
    deterministic: false,
    threads: null,
    batchSize: BATCH_SIZE,
    batchSizeKey: 'train.inferenceBatchSize',
  })
  const images = await openImages('validation', CLASSES)
  await extractor.extract(images, 'validation')
  await images.close()
  extractor.dispose()
}

describe('openPredictor', () => {
  it('says the same to the bit with an empty cache, with what training kept, and with everything kept', async () => {
    const empty = await predictAll(model, 'empty')
    expect(empty.map(({ id }) => id)).toHaveLength(11 + 6 + 3)
    await keepValidation('kept')
    expect(await predictAll(model, 'kept')).toEqual(empty)
    expect(await readdir('kept')).toHaveLength(3) // training's file was found, or there would be a fourth
    expect(await predictAll(model, 'kept')).toEqual(empty)
  })

  it('agrees with the whole network', async () => {
    const onFeatures = await predictAll(model, 'empty')
    const onImages = await predictAll({ ...model, mode: 'zero' }, 'untouched')
    await expect(readdir('untouched')).rejects.toThrow('ENOENT')
    onImages.forEach(({ id, label, probabilities }, i) => {
      expect(onFeatures[i]).toMatchObject({ id, label })
      probabilities.forEach((probability, k) => {
        expect(onFeatures[i]?.probabilities[k]).toBeCloseTo(probability, 6)
      })
    })
  })

  it('keeps no tensors', async () => {
    await expectTensorsKept(0, () => predictAll(model, 'empty'))
  })
})
