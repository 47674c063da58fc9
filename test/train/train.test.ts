import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openImages } from '../../src/batches/batches.ts'
import { paths } from '../../src/core/paths.ts'
import { openPredictor } from '../../src/evaluate/evaluate.ts'
import { loadModel } from '../../src/network/saved.ts'
import { readHistory } from '../../src/scores/history.ts'
import type { tf } from '../../src/tensorflow/raw.ts'
import { withTrainingData } from '../../src/train/data.ts'
import { type ModelEntry, selectConfiguration } from '../../src/train/params.ts'
import { saveTraining } from '../../src/train/save.ts'
import { train } from '../../src/train/train.ts'
import { noKeeper } from '../support/no-keeper.ts'
import { packNoise, paramsWith, savePretrained } from '../support/tiny-training.ts'

const before = process.cwd()
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paddock-train-'))
  process.chdir(folder)
  vi.stubEnv('PADDOCK_FEATURES', join(folder, 'features'))
})

afterEach(async () => {
  process.chdir(before)
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

async function trainNet(entry: ModelEntry): Promise<string> {
  const params = paramsWith(entry)
  const configuration = selectConfiguration(params, 'net')
  const trained = await withTrainingData((data) => train(configuration, params, data, noKeeper()))
  return saveTraining(configuration, trained)
}

describe('train', () => {
  it.each([2, 10])('takes its classes from the data: %i of them', async (count) => {
    const classes = Array.from({ length: count }, (_, i) => `class${i}`)
    await packNoise(classes)
    const summary = await trainNet({ architecture: 'mobilenet', mode: 'zero', width: 0.25, threads: null })
    expect(summary).toMatch(
      /^best epoch [12] of 2, validation accuracy \d\.\d{3}, macro F1 \d\.\d{3}; all 2 epochs used$/,
    )
    const model = await loadModel(paths.model('net'))
    expect(model.classes).toEqual(classes)
    expect(model.trainImages).toEqual(Object.fromEntries(classes.map((name) => [name, 3])))
    expect(model.weights.get('classification/bias')).toHaveLength(count)
    expect((await readFile(paths.history('net'), 'utf8')).trim().split('\n')).toHaveLength(3)
    expect(JSON.parse(await readFile(paths.run('net'), 'utf8'))).toMatchObject({
      config: 'net',
      device: 'CPU',
      epochs: 2,
      stoppedBy: 'epochs',
      collapsedEpochs: 0,
      inputStallSeconds: expect.closeTo(0, 0),
      guarantees: { sameSeedSameBytes: true, sameBytesForAnyThreadCount: false },
    })
  })

  it('trains the head alone for transfer, on the weights that the entry names', async () => {
    await packNoise(['cat', 'dog'])
    const { weights, model } = await savePretrained(folder)
    await trainNet({ architecture: 'mobilenet', mode: 'transfer', width: 0.25, weights })
    const trained = await loadModel(paths.model('net'))
    const kernel = (model.getLayer('conv_pw_13').getWeights()[0] as tf.Tensor).dataSync()
    expect(trained.weights.get('conv_pw_13/kernel')).toEqual(kernel)
    expect(trained.weights.get('conv_pw_13_bn/moving_mean')).toEqual(new Float32Array(256))
    const history = await readHistory(paths.history('net'))
    expect(history[1]?.loss).toBeLessThan(history[0]?.loss as number)
  })

  it('leaves features of validation where evaluate finds them', async () => {
    await packNoise(['cat', 'dog'])
    const { weights } = await savePretrained(folder)
    await trainNet({ architecture: 'mobilenet', mode: 'transfer', width: 0.25, weights })
    const kept = await readdir('features')
    expect(kept).toHaveLength(2)
    const { train } = paramsWith({ architecture: 'mobilenet', mode: 'transfer', width: 0.25 })
    const predictor = openPredictor(await loadModel(paths.model('net')), train.inferenceBatchSize)
    const images = await openImages('validation', ['cat', 'dog'])
    const predictions = await predictor.predict(images, 'validation')
    await images.close()
    predictor.dispose()
    expect(predictions).toHaveLength(2)
    expect(await readdir('features')).toEqual(kept)
  })

  it('takes the seed of the entry for this training alone, which stands for the seed of all', async () => {
    await packNoise(['cat', 'dog'])
    const histories: string[] = []
    for (const seed of [undefined, 1, 2]) {
      // profiles/sample.yaml has seed 1
      await trainNet({ architecture: 'mobilenet', mode: 'zero', width: 0.25, ...(seed === undefined ? {} : { seed }) })
      histories.push(await readFile(paths.history('net'), 'utf8'))
    }
    expect(histories[1]).toBe(histories[0])
    expect(histories[2]).not.toBe(histories[0])
  })

  it('says so when there is one class only', async () => {
    await packNoise(['cat'])
    await expect(trainNet({ architecture: 'mobilenet', mode: 'zero', width: 0.25 })).rejects.toThrow(
      'Expected images of two classes or more',
    )
  })
})
