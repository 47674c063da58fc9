import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tensor } from '@tensorflow/tfjs-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { loadModel, type ModelMetadata, saveModel } from '../../src/network/saved.ts'
import { layerGraphOf, weightsOf } from '../../src/tensorflow/graph.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { SIDE, smallNetwork } from '../support/small-network.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { expectTensorsKept } from '../support/tensors.ts'

const METADATA: ModelMetadata = {
  config: 'small-zero',
  architecture: 'original',
  mode: 'zero',
  classes: ['cat', 'dog', 'horse'],
  trainImages: new Map(Object.entries({ cat: 3, dog: 4, horse: 5 })),
  epochs: 7,
  bestEpoch: 4,
  image: { size: SIDE, fit: 'cover' },
}

const temporary = temporaryFolder()
let folder: string
const network = smallNetwork()

beforeEach(async () => {
  folder = join(temporary.path, 'model')
  await saveModel(folder, network, METADATA)
})

describe('saveModel', () => {
  it('writes a model that stock TensorFlow.js loads and that predicts the same', async () => {
    const pixels = tf.randomUniform([2, SIDE, SIDE, 3], 0, 255, 'float32', 1)
    const stock = await tf.loadLayersModel(`file://${folder}/model.json`)
    const [ours, theirs] = [network, stock].map((model) => (model.predict(pixels) as Tensor).dataSync())
    expect(theirs).toEqual(ours)
  })

  it('writes the same bytes for the same model', async () => {
    const once = await readFile(join(folder, 'model.json'))
    await saveModel(folder, network, METADATA)
    expect(await readFile(join(folder, 'model.json'))).toEqual(once)
  })
})

describe('loadModel', () => {
  it('reads what saveModel wrote', async () => {
    const saved = await loadModel(folder)
    expect(saved).toMatchObject(METADATA)
    expect(saved.weights).toEqual(weightsOf(network))
    expect(saved.graph.map((layer) => layer.name)).toEqual(layerGraphOf(network).map((layer) => layer.name))
    // conv 112, depthwise 36, batch norm 8 and 8 that do not train, dense 15
    expect(saved.parameters).toEqual({ total: 179, trainable: 171 })
  })

  it('says what to do when there is no model', async () => {
    await expect(loadModel(join(folder, 'none'))).rejects.toThrow(/Expected a model in .*none.*`npm run repro`/)
  })

  it('refuses weights that were cut off', async () => {
    await truncate(join(folder, 'weights.bin'), 700)
    await expect(loadModel(folder)).rejects.toThrow('Expected 716 bytes in')
  })

  it("refuses another program's model.json", async () => {
    await writeFile(join(folder, 'model.json'), '{"modelTopology": {}}')
    await expect(loadModel(folder)).rejects.toThrow('to be a model that train wrote')
  })

  it('keeps no tensors', async () => {
    await expectTensorsKept(0, () => loadModel(folder))
  })
})
