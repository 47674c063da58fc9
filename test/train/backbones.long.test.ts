import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openGradCam } from '../../src/evaluate/grad-cam.ts'
import { loadModel } from '../../src/network/saved.ts'
import { weightsOf } from '../../src/tensorflow/graph.ts'
import { openInference } from '../../src/tensorflow/inference.ts'
import { withTrainingData } from '../../src/train/data.ts'
import { type ModelEntry, selectConfiguration } from '../../src/train/params.ts'
import { saveTraining, train } from '../../src/train/train.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { packNoise, paramsWith, savePretrained } from '../support/tiny-training.ts'
import { noCheckpointer } from '../support/uninterrupted.ts'

const SIDE = 32
const FINE_TUNE = { mode: 'fine-tune', fineTune: { head: null, unfreeze: 1, batchNorm: 'frozen' } } as const
const HEAD = ['classification/kernel', 'classification/bias']

describe.each([
  ['EfficientNetV2-B0', { architecture: 'efficientnetv2', variant: 'b0' }, /^(block6h_|top_|classification)/],
  [
    'ConvNeXt-Tiny',
    { architecture: 'convnext', variant: 'tiny', stochasticDepth: 0.1 },
    /^(convnext_tiny_stage_3_block_2_|layer_normalization|classification)/,
  ],
] as const)('%s', (_, network, last) => {
  const folder = temporaryFolder({ per: 'test', enter: true })

  beforeEach(() => {
    vi.stubEnv('PADDOCK_FEATURES', `${folder.path}/features`)
    vi.spyOn(console, 'error').mockImplementation(() => {})
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })

  it('trains from zero, is saved and loaded, and says where it sees a class', async () => {
    await packNoise(['cat', 'dog'])
    const { model, changed, configuration, trained } = await run({ ...network, mode: 'zero' } as ModelEntry)
    expect(changed).toHaveLength(model.trainableWeights.length)
    const expected = weightsOf(model)
    await saveTraining(configuration, trained)
    const loaded = await loadModel('artifacts/train/net/model')
    expect([...loaded.weights.keys()]).toEqual([...expected.keys()])
    const different = [...expected].filter(([name, values]) => !isSame(values, loaded.weights.get(name)))
    expect(different).toEqual([])
    const pixels = Uint8Array.from({ length: 2 * SIDE * SIDE * 3 }, (__, i) => (i * 37) % 256)
    const inference = openInference(loaded, { inputShape: [SIDE, SIDE, 3], engine: 'compiled' })
    const probabilities = inference.run(pixels, 2)
    inference.dispose()
    expect((probabilities[0] ?? 0) + (probabilities[1] ?? 0)).toBeCloseTo(1, 5)
    const gradCam = openGradCam(loaded, [SIDE, SIDE, 3])
    const [map] = gradCam.run(pixels, 2, [[0, 1]])
    gradCam.dispose()
    expect(map).toMatchObject({ height: 1, width: 1 }) // a 32nd of the side
    expect(map?.values.every((value) => value >= 0)).toBe(true)
  })

  it('trains the head alone in transfer, and with the last block in fine-tuning', async () => {
    await packNoise(['cat', 'dog'])
    const { weights, model } = await savePretrained(folder.path, {
      entry: { ...network, mode: 'zero' } as ModelEntry,
      gamma: 1,
    })
    const before = weightsOf(model)
    const transfer = await run({ ...network, mode: 'transfer', weights } as ModelEntry, before)
    expect(transfer.changed).toEqual(HEAD)
    const tuned = await run({ ...network, ...FINE_TUNE, weights } as ModelEntry, before)
    expect(tuned.changed.filter((name) => !HEAD.includes(name)).length).toBeGreaterThan(0)
    expect(tuned.changed.filter((name) => !last.test(name))).toEqual([])
  })
})

/** A training of one epoch of two steps, and the names of the weights that are not as before, by default as at its start. */
async function run(entry: ModelEntry, before?: ReadonlyMap<string, Float32Array>) {
  const base = paramsWith(entry)
  const params = { ...base, train: { ...base.train, epochs: 1, batchSize: 3, learningRate: 1e-3 } }
  const configuration = selectConfiguration(params, 'net')
  const trained = await withTrainingData((data) => train(configuration, data, noCheckpointer))
  const { model } = trained
  const start = before ?? weightsOf((await savePretrained('.', { entry, gamma: 1 })).model)
  const trainable = new Set(model.trainableWeights.map(({ originalName }) => originalName))
  const changed = [...weightsOf(model)].flatMap(([name, values]) =>
    trainable.has(name) && !isSame(values, start.get(name)) ? [name] : [],
  )
  return { model, trained, configuration, changed }
}

function isSame(values: Float32Array, others: Float32Array | undefined): boolean {
  return others?.length === values.length && values.every((value, i) => value === others[i])
}
