import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseParams } from '../../src/config/load.ts'
import type { TrainParams } from '../../src/config/schema.ts'
import { seededRng } from '../../src/core/random.ts'
import type { Examples, Pictures } from '../../src/dataset/batches.ts'
import { layerGraphOf, setWeights, weightsOf } from '../../src/tensorflow/layer-graph.ts'
import { tf } from '../../src/tensorflow/runtime.ts'
import { extractTrainingFeatures } from '../../src/training/features.ts'
import { brightnessExamples, smallNetwork } from '../support/small-network.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const { train } = parseParams(await readFile('profiles/sample.yaml', 'utf8'))
const FEATURES = 'average'

let folder: string
let reads: number
let said: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-features-'))
  vi.stubEnv('PADDOCK_FEATURES', folder)
  reads = 0
  said = []
  vi.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  await rm(folder, { recursive: true })
})

/** Pictures that count how often somebody reads them. */
function pictures(count: number, digest: string): Pictures {
  const examples = brightnessExamples(count, seededRng(1, digest))
  const read = (rows: readonly number[]) => {
    reads++
    return examples.read(rows)
  }
  return { ...examples, read, digest: async () => digest }
}

async function extract(
  params: Partial<TrainParams> = {},
  { model = smallNetwork(), digest = 'training' } = {},
): Promise<{ training: Examples; validation: Examples }> {
  const network = { model, features: FEATURES, pretrained: null }
  const data = { training: pictures(11, digest), validation: pictures(5, 'validation') }
  const configuration = { name: 'small', train: { ...train, inferenceBatchSize: 4, ...params } }
  try {
    return await extractTrainingFeatures(network, configuration, data)
  } finally {
    model.dispose()
  }
}

const rowsOf = async (examples: Examples) => examples.read([...examples.labels.keys()])

describe('extractTrainingFeatures', () => {
  it('gives what stock TensorFlow.js gives for that layer', async () => {
    const { training } = await extract()
    const network = smallNetwork()
    const backbone = tf.model({ inputs: network.inputs, outputs: network.getLayer(FEATURES).output })
    const pixels = Float32Array.from(await pictures(11, 'training').read([...Array(11).keys()]))
    const stock = tf.tidy(() => (backbone.predict(tf.tensor4d(pixels, [11, 16, 16, 3])) as tf.Tensor).dataSync())
    network.dispose()
    expect(training.inputShape).toEqual([4])
    ;(await rowsOf(training)).forEach((value, i) => {
      expect(value).toBeCloseTo(stock[i] as number, 5)
    })
  })

  it('reads no picture the second time, and gives the same bits', async () => {
    const first = await extract()
    expect(reads).toBe(3 + 2) // 11 and 5 pictures, 4 at once
    const second = await extract()
    expect(reads).toBe(5)
    expect(await rowsOf(second.training)).toEqual(await rowsOf(first.training))
    expect(await rowsOf(second.validation)).toEqual(await rowsOf(first.validation))
  })

  it('computes anew what follows from other pictures, weights or settings', async () => {
    await extract()
    await extract({}, { digest: 'other pictures' })
    expect(reads).toBe(5 + 3) // validation is as before
    const other = smallNetwork()
    setWeights(other, new Map([['conv/bias', new Float32Array(4).fill(0.5)]]))
    await extract({}, { model: other })
    expect(reads).toBe(8 + 5)
    await extract({ inferenceBatchSize: 8 })
    expect(reads).toBe(13 + 2 + 1)
    vi.stubEnv('TF_ENABLE_ONEDNN_OPTS', '0')
    await extract()
    expect(reads).toBe(16 + 5)
  })

  it('does not mind how the head begins', async () => {
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
    for (const name of await readdir(folder)) await writeFile(join(folder, name), 'damaged')
    const second = await extract()
    expect(reads).toBe(10)
    expect(await rowsOf(second.training)).toEqual(await rowsOf(first.training))
    expect(said.filter((line) => line.includes('received a damaged file'))).toHaveLength(2)
  })

  it('keeps no tensors', async () => {
    await expectTensorsKept(0, () => extract())
  })
})
