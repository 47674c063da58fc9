import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Examples, Images } from '../../src/batches/batches.ts'
import { seededRng } from '../../src/core/random.ts'
import { type FeatureOptions, openFeatures } from '../../src/network/features.ts'
import { graphUpTo, layerGraphOf, setWeights, weightsOf } from '../../src/tensorflow/graph.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { brightnessExamples, SIDE, smallNetwork } from '../support/small-network.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const FEATURES = 'average'
const OPTIONS: FeatureOptions = {
  stage: 'train@small',
  inputShape: [SIDE, SIDE, 3],
  engine: 'compiled',
  deterministic: false,
  threads: null,
  batchSize: 4,
  batchSizeKey: 'train.inferenceBatchSize',
}

const folder = temporaryFolder()
let reads: number
let said: string[]

beforeEach(() => {
  vi.stubEnv('PADDOCK_FEATURES', folder.path)
  reads = 0
  said = []
  vi.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line))
})

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

/** Images that count their reads. */
function images(count: number, digest: string): Images {
  const examples = brightnessExamples(count, seededRng(1, digest))
  const read = (rows: readonly number[]) => {
    reads++
    return examples.read(rows)
  }
  return { ...examples, read, digest: async () => digest }
}

/** Features of eleven images to train with and of five to validate. */
async function extract(
  options: Partial<FeatureOptions> = {},
  { model = smallNetwork(), digest = 'training' } = {},
): Promise<{ training: Examples; validation: Examples }> {
  const backbone = { graph: graphUpTo(layerGraphOf(model), FEATURES), weights: weightsOf(model) }
  const extractor = openFeatures(backbone, { ...OPTIONS, ...options })
  try {
    return {
      training: await extractor.extract(images(11, digest), 'training'),
      validation: await extractor.extract(images(5, 'validation'), 'validation'),
    }
  } finally {
    extractor.dispose()
    model.dispose()
  }
}

/** Features of the images to train with, in a process with these variables. */
async function extractElsewhere(env: Record<string, string>): Promise<number[]> {
  const program = `
    import { seededRng } from './src/core/random.ts'
    import { openFeatures } from './src/network/features.ts'
    import { graphUpTo, layerGraphOf, weightsOf } from './src/tensorflow/graph.ts'
    import { brightnessExamples, smallNetwork } from './test/support/small-network.ts'
    const graph = layerGraphOf(smallNetwork())
    const backbone = { graph: graphUpTo(graph, '${FEATURES}'), weights: weightsOf(smallNetwork()) }
    const images = { ...brightnessExamples(11, seededRng(1, 'training')), digest: async () => 'training' }
    const features = await openFeatures(backbone, ${JSON.stringify(OPTIONS)}).extract(images, 'training')
    console.log(JSON.stringify([...(await features.read([...features.labels.keys()]))]))
  `
  const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', program], {
    env: { PADDOCK_FEATURES: folder.path, ...env },
  })
  return JSON.parse(stdout) as number[]
}

const rowsOf = async (examples: Examples) => examples.read([...examples.labels.keys()])

describe('openFeatures', () => {
  it('gives what stock TensorFlow.js gives for that layer', async () => {
    const { training } = await extract()
    const network = smallNetwork()
    const backbone = tf.model({ inputs: network.inputs, outputs: network.getLayer(FEATURES).output })
    const pixels = Float32Array.from(await images(11, 'training').read([...Array(11).keys()]))
    const stock = tf.tidy(() => (backbone.predict(tf.tensor4d(pixels, [11, 16, 16, 3])) as tf.Tensor).dataSync())
    network.dispose()
    expect(training.inputShape).toEqual([4])
    ;(await rowsOf(training)).forEach((value, i) => {
      expect(value).toBeCloseTo(stock[i] as number, 5)
    })
  })

  it('reads no image the second time, and gives the same bits', async () => {
    const first = await extract()
    expect(reads).toBe(3 + 2) // 11 and 5 images, 4 at once
    const second = await extract()
    expect(reads).toBe(5)
    expect(await rowsOf(second.training)).toEqual(await rowsOf(first.training))
    expect(await rowsOf(second.validation)).toEqual(await rowsOf(first.validation))
  })

  it('computes features again for other images, weights or settings', async () => {
    await extract()
    await extract({}, { digest: 'other images' })
    expect(reads).toBe(5 + 3) // validation is as before
    const other = smallNetwork()
    setWeights(other, new Map([['conv/bias', new Float32Array(4).fill(0.5)]]))
    await extract({}, { model: other })
    expect(reads).toBe(8 + 5)
    await extract({ batchSize: 8 })
    expect(reads).toBe(13 + 2 + 1)
    vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', '0')
    await extract()
    expect(reads).toBe(16 + 5)
  })

  it('computes features again that another kind of processor has cached, to the bits of this one', async () => {
    const alone = await rowsOf((await extract()).training)
    for (const name of await readdir(folder.path)) await rm(join(folder.path, name))
    const elsewhere = await extractElsewhere({ ONEDNN_MAX_CPU_ISA: 'SSE41' })
    expect(elsewhere).not.toEqual([...alone])
    expect(await readdir(folder.path)).toHaveLength(1)
    expect(await rowsOf((await extract()).training)).toEqual(alone)
  })

  it('gives the same bits of fewer images than a batch holds whether or not others came before', async () => {
    const together = await extract({ batchSize: 8 })
    for (const name of await readdir(folder.path)) await rm(join(folder.path, name))
    const backbone = smallNetwork()
    const extractor = openFeatures(
      { graph: graphUpTo(layerGraphOf(backbone), FEATURES), weights: weightsOf(backbone) },
      { ...OPTIONS, batchSize: 8 },
    )
    const alone = await extractor.extract(images(5, 'validation'), 'validation')
    extractor.dispose()
    backbone.dispose()
    expect(await rowsOf(alone)).toEqual(await rowsOf(together.validation))
  })

  it('does not depend on the initial values of the head', async () => {
    await extract()
    const model = smallNetwork()
    const kernel = weightsOf(model).get('classification/kernel') ?? new Float32Array(0)
    setWeights(model, new Map([['classification/kernel', kernel.map((value) => value + 1)]]))
    expect(layerGraphOf(model).at(-1)?.name).toBe('classification')
    await extract({}, { model })
    expect(reads).toBe(5)
  })

  it('computes features of a damaged file again, and says so', async () => {
    const first = await extract()
    for (const name of await readdir(folder.path)) await writeFile(join(folder.path, name), 'damaged')
    const second = await extract()
    expect(reads).toBe(10)
    expect(await rowsOf(second.training)).toEqual(await rowsOf(first.training))
    expect(said.filter((line) => line.includes('received a damaged file'))).toHaveLength(2)
  })

  it('keeps no tensors', async () => {
    await expectTensorsKept(0, () => extract())
  })
})
