import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { formulaWeight } from '../../bench/parity/formula.ts'
import type { Images } from '../../src/batches/batches.ts'
import { type Params, parseParams } from '../../src/command-line/params.ts'
import { readSha256 } from '../../src/core/files.ts'
import type { WeightsSource } from '../../src/network/params.ts'
import { weightsOf } from '../../src/tensorflow/graph.ts'
import type { TrainingData } from '../../src/train/data.ts'
import { selectConfiguration } from '../../src/train/params.ts'
import { train } from '../../src/train/train.ts'
import { PARITY_SIDE, type ParityCase, parity, parityImages, writeKerasFile } from '../support/parity.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { noCheckpointer } from '../support/uninterrupted.ts'

const TRANSFER = { mode: 'transfer' } as const
const FINE_TUNE = { mode: 'fine-tune', fineTune: { head: null, unfreeze: 'all', batchNorm: 'frozen' } } as const
const EPOCHS = 2

const sample = parseParams(await readFile('profiles/sample.yaml', 'utf8'))

afterEach(() => vi.restoreAllMocks())

// That ResNet50 reads its file is in parity.test.ts; a training of it takes many times as long.
describe('a training of EfficientNet on a file of Keras', () => {
  const folder = temporaryFolder({ per: 'file' })
  let weights: WeightsSource
  const golden = parity.cases.find(({ name }) => name === 'efficientnetb0') as ParityCase
  /** A kernel of the backbone. */
  const kernel = 'top_conv/kernel'
  const shape = Object.fromEntries(golden.layers).top_conv?.[`${kernel}:0`] ?? []
  const loaded = formulaWeight(`${kernel}:0`, shape, golden.gain)

  beforeAll(async () => {
    const path = join(folder.path, `${golden.name}.h5`)
    await writeKerasFile(path, golden)
    weights = { path, sha256: await readSha256(path) }
    vi.stubEnv('PADDOCK_FEATURES', join(folder.path, 'features'))
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
  })

  it('reads each image once for transfer, and leaves the backbone as it was in the file', async () => {
    const { reads, weightOf } = await trainOn(TRANSFER)
    expect(reads).toEqual({ training: 1, validation: 1 }) // for two epochs
    expect(weightOf(kernel)).toEqual(loaded)
    expect(weightOf('classification/bias')?.some((value) => value !== 0)).toBe(true)
  })

  it('changes the backbone a little for fine-tune, from what is in the file', async () => {
    const { reads, weightOf } = await trainOn(FINE_TUNE)
    expect(reads.training).toBeGreaterThanOrEqual(EPOCHS)
    const moves = weightOf(kernel)?.map((value, place) => Math.abs(value - (loaded[place] ?? Number.NaN)))
    const moved = moves?.reduce((greatest, move) => Math.max(greatest, move))
    expect(moved).toBeGreaterThan(0)
    expect(moved).toBeLessThan(1e-3) // two steps of Adam at 1e-4
  })

  async function trainOn(mode: typeof TRANSFER | typeof FINE_TUNE) {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const params: Params = {
      ...sample,
      image: { size: PARITY_SIDE, fit: 'cover' },
      train: { ...sample.train, epochs: EPOCHS, batchSize: 2, learningRate: 1e-4, optimizer: 'adam' },
      models: { net: { architecture: 'efficientnet', variant: 'b0', ...mode, weights } },
    }
    const reads = { training: 0, validation: 0 }
    const data: TrainingData = {
      classes: ['cat', 'dog'],
      training: images('training', reads),
      validation: images('validation', reads),
    }
    const { model } = await train(selectConfiguration(params, 'net'), data, noCheckpointer)
    const trained = weightsOf(model)
    model.dispose()
    return { reads, weightOf: (name: string) => trained.get(name) }
  }
})

/** The two drawn images, a cat and a dog, that count how often somebody reads them. */
function images(part: 'training' | 'validation', reads: Record<typeof part, number>): Images {
  const { values, count } = parityImages()
  const size = values.length / count
  return {
    count,
    variants: 1,
    inputShape: [PARITY_SIDE, PARITY_SIDE, 3],
    labels: Int32Array.of(0, 1),
    ids: ['cat.png', 'dog.png'],
    read: async (rows) => {
      reads[part]++
      return Buffer.concat(rows.map((row) => values.subarray(row * size, (row + 1) * size)))
    },
    digest: async () => part,
    close: async () => {},
  }
}
