import { readdir, readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openImages } from '../../src/batches/batches.ts'
import { ConfigError, TrainingError } from '../../src/core/errors.ts'
import { paths } from '../../src/core/paths.ts'
import { checkAtEnd, runScript } from '../../src/core/script.ts'
import { openPredictor } from '../../src/evaluate/evaluate.ts'
import { loadModel } from '../../src/network/saved.ts'
import { readHistory, readNotes } from '../../src/scores/history.ts'
import { readModelDigest } from '../../src/scores/identity.ts'
import type { tf } from '../../src/tensorflow/raw.ts'
import { withTrainingData } from '../../src/train/data.ts'
import { type ModelEntry, selectConfiguration } from '../../src/train/params.ts'
import { expectTrainingAllowed, runTraining, saveTraining, train, trainingNotes } from '../../src/train/train.ts'
import { historyRow } from '../support/history-row.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { packNoise, paramsWith, savePretrained } from '../support/tiny-training.ts'
import { trainParams } from '../support/train-params.ts'
import { noCheckpointer } from '../support/uninterrupted.ts'

const folder = temporaryFolder({ enter: true })

beforeEach(() => {
  vi.stubEnv('PADDOCK_FEATURES', join(folder.path, 'features'))
})

afterEach(() => {
  vi.unstubAllEnvs()
})

async function trainNet(entry: ModelEntry): Promise<string> {
  const params = paramsWith(entry)
  const configuration = selectConfiguration(params, 'net')
  const trained = await withTrainingData((data) => train(configuration, data, noCheckpointer))
  return saveTraining(configuration, trained)
}

describe('train', () => {
  it.each([
    ['class0', 'class1'],
    ['__proto__', 'class2', 'class10', 'constructor', 'hasOwnProperty', 'horse', 'pig', 'toString', 'valueOf', 'wolf'],
  ])('takes its classes from the data, whatever their names: %s, %s …', async (...classes) => {
    await packNoise(classes)
    const summary = await trainNet({ architecture: 'mobilenet', mode: 'zero', width: 0.25, threads: null })
    expect(summary).toMatch(
      /^best epoch [12] of 2, validation accuracy \d\.\d{3}, macro F1 \d\.\d{3}; all 2 epochs used$/,
    )
    const model = await loadModel(paths.model('net'))
    expect(model.classes).toEqual(classes)
    expect(model.trainImages).toEqual(new Map(classes.map((name) => [name, 3])))
    expect(model.weights.get('classification/bias')).toHaveLength(classes.length)
    expect((await readFile(paths.history('net'), 'utf8')).trim().split('\n')).toHaveLength(3)
    expect(await readNotes(paths.trainingNotes('net'))).toEqual([
      'all 2 epochs used',
      expect.stringContaining(`training from zero needs: ${classes[0]} 3, ${classes[1]} 3`),
    ])
  })

  it('trains the head alone for transfer, on the weights that the entry names', async () => {
    await packNoise(['cat', 'dog'])
    const { weights, model } = await savePretrained(folder.path)
    await trainNet({ architecture: 'mobilenet', mode: 'transfer', width: 0.25, weights })
    const trained = await loadModel(paths.model('net'))
    const kernel = (model.getLayer('conv_pw_13').getWeights()[0] as tf.Tensor).dataSync()
    expect(trained.weights.get('conv_pw_13/kernel')).toEqual(kernel)
    expect(trained.weights.get('conv_pw_13_bn/moving_mean')).toEqual(new Float32Array(256))
    const history = await readHistory(paths.history('net'))
    expect(history[1]?.loss).toBeLessThan(history[0]?.loss as number)
  })

  it('leaves the features of validation in the cache that evaluate reads', async () => {
    await packNoise(['cat', 'dog'])
    const { weights } = await savePretrained(folder.path)
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

  it('saves nothing and keeps its checkpoint where a check at its end fails', async () => {
    await packNoise(['cat', 'dog'])
    vi.stubEnv('PADDOCK_CHECKPOINTS', join(folder.path, 'checkpoints'))
    const complaint = vi.spyOn(console, 'error').mockImplementation(() => {})
    const entry: ModelEntry = { architecture: 'mobilenet', mode: 'zero', width: 0.25, threads: null }
    const checked = async (check: () => Promise<void>) =>
      runScript('train@net', async () => {
        checkAtEnd(check)
        return runTraining(selectConfiguration(paramsWith(entry), 'net'))
      })
    await checked(() => Promise.reject(new ConfigError('changed')))
    expect(complaint).toHaveBeenLastCalledWith('train@net: ConfigError: changed')
    process.exitCode = undefined
    complaint.mockRestore()
    await expect(readdir(paths.model('net'))).rejects.toThrow('ENOENT')
    const kept = async () =>
      (await readdir(join(folder.path, 'checkpoints'), { recursive: true })).filter((name) =>
        name.endsWith('.checkpoint'),
      )
    expect(await kept()).not.toEqual([])
    await checked(() => Promise.resolve())
    expect(await readdir(paths.model('net'))).toContain('model.json')
    expect(await kept()).toEqual([])
  })

  it('prefers the seed of the entry to the global one', async () => {
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

  it('refuses a single class', async () => {
    await packNoise(['cat'])
    await expect(trainNet({ architecture: 'mobilenet', mode: 'zero', width: 0.25 })).rejects.toThrow(
      'Expected images of at least two classes in training and validation, received 3 and 1 images of one class.',
    )
  })
})

it('records how long a training took and on what, by the digest of its model', async () => {
  await packNoise(['cat', 'dog'])
  await trainNet({ architecture: 'mobilenet', mode: 'zero', width: 0.25 })
  const { digest } = await readModelDigest(paths.model('net'))
  expect(await readdir(paths.trainingRecords)).toEqual([`${digest}.json`])
  expect(JSON.parse(await readFile(join(paths.trainingRecords, `${digest}.json`), 'utf8'))).toEqual({
    model: digest,
    configuration: 'net',
    seconds: expect.any(Number),
    inputStallSeconds: expect.closeTo(0, 0),
    epochs: 2,
    device: { kind: 'CPU' },
    threads: expect.any(Number),
    processor: cpus()[0]?.model.trim(),
    versions: { tensorflow: expect.stringMatching(/^2\./), tfjs: '4.22.0', node: process.versions.node },
  })
})

describe('trainingNotes', () => {
  it('says how a training ended, and no more if all is well', () => {
    const history = [historyRow(1), historyRow(2, { stopped_by: 'early' })]
    const card = { mode: 'transfer', trainImages: new Map(Object.entries({ cat: 3, dog: 3 })) }
    expect(trainingNotes({ ...trainParams(), online: undefined }, card, history)).toEqual([
      'stopped after epoch 2 by stopping.early',
    ])
    const online = { rotation: 0, shift: 0, shear: 0, zoom: 0, flip: false, brightness: 0, mixup: 0.2, cutmix: 0 }
    const mixed = (mode: string) => trainingNotes({ ...trainParams(), online }, { ...card, mode }, history)
    expect(mixed('transfer')).toHaveLength(1) // on features, which are not mixed
    expect(mixed('zero').at(-1)).toBe('training accuracy is that of mixed images, by the label with the larger share')
  })

  it('says that a training learned nothing, and that its images were few and uneven', () => {
    const history = [historyRow(1), historyRow(2), historyRow(3, { collapsed: 1, stopped_by: 'epochs' })]
    const card = { mode: 'fine-tune', trainImages: new Map(Object.entries({ cat: 1000, dog: 240 })) }
    expect(trainingNotes({ ...trainParams(), online: undefined }, card, history)).toEqual([
      'all 3 epochs used',
      'collapsed to the class prior: from epoch 3, to its end, no better in training than guessing by the class shares',
      'fewer than the 1,000 images a class that fine-tuning needs: dog 240',
      'classes are uneven and nothing corrects for it (no train.sampling, no train.classWeights), of dog 240 to cat 1,000 images',
    ])
  })
})

describe('expectTrainingAllowed', () => {
  it('refuses with the name of the configuration if PADDOCK_NO_TRAINING is set, and only then', () => {
    expect(() => expectTrainingAllowed('net', { PADDOCK_NO_TRAINING: '1' })).toThrow(TrainingError)
    expect(() => expectTrainingAllowed('net', { PADDOCK_NO_TRAINING: '1' })).toThrow(
      'Expected the results of net in the run cache',
    )
    for (const value of [undefined, '', '0']) {
      expect(() => expectTrainingAllowed('net', { PADDOCK_NO_TRAINING: value })).not.toThrow()
    }
  })
})
