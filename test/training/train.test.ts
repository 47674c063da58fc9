import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseParams, selectConfiguration } from '../../src/config/load.ts'
import type { ModelEntry, Params } from '../../src/config/schema.ts'
import { sha256 } from '../../src/core/files.ts'
import { type Part, paths } from '../../src/core/paths.ts'
import { seededRng } from '../../src/core/random.ts'
import { writePacked } from '../../src/dataset/packed.ts'
import { buildUntrained } from '../../src/models/registry.ts'
import { loadModel } from '../../src/models/saved.ts'
import { setWeights, weightsOf } from '../../src/tensorflow/layer-graph.ts'
import type { tf } from '../../src/tensorflow/runtime.ts'
import { withTrainingData } from '../../src/training/data.ts'
import { readHistory } from '../../src/training/history.ts'
import { saveTraining } from '../../src/training/save.ts'
import { train } from '../../src/training/train.ts'
import { noKeeper } from '../support/no-keeper.ts'

const SIZE = 32
const sample = parseParams(await readFile('profiles/sample.yaml', 'utf8'))
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

function paramsWith(entry: ModelEntry): Params {
  return {
    ...sample,
    image: { size: SIZE, fit: 'cover' },
    train: { ...sample.train, epochs: 2, batchSize: 8 },
    models: { net: entry },
  }
}

/** Noise of another brightness for each class, packed as augment does. */
async function pack(classes: readonly string[]): Promise<void> {
  const rng = seededRng(1, 'noise')
  for (const [part, each] of [
    ['train', 3],
    ['validation', 1],
  ] as const satisfies [Part, number][]) {
    const rows = classes.flatMap((label) =>
      Array.from({ length: each }, (_, i) => ({ id: `train/${label}/${part}${i}.png`, label, variant: 0 })),
    )
    await mkdir(paths.augment, { recursive: true })
    await writePacked(paths.augment, part, { rows, size: SIZE }, async (writeRow) => {
      for (const [row, { label }] of rows.entries()) {
        const level = (classes.indexOf(label) * 200) / classes.length
        await writeRow(
          row,
          Uint8Array.from({ length: SIZE * SIZE * 3 }, () => level + 50 * rng()),
        )
      }
    })
  }
}

async function trainNet(entry: ModelEntry): Promise<string> {
  const params = paramsWith(entry)
  const trained = await withTrainingData((data) => train(selectConfiguration(params, 'net'), params, data, noKeeper()))
  return saveTraining('net', trained)
}

describe('train', () => {
  it.each([2, 10])('takes its classes from the data: %i of them', async (count) => {
    const classes = Array.from({ length: count }, (_, i) => `class${i}`)
    await pack(classes)
    const summary = await trainNet({ architecture: 'mobilenet', mode: 'zero', width: 0.25 })
    expect(summary).toMatch(/^best epoch [12] of 2, validation accuracy \d\.\d{3}, macro F1 \d\.\d{3}$/)
    const model = await loadModel(paths.model('net'))
    expect(model.classes).toEqual(classes)
    expect(model.trainImages).toEqual(Object.fromEntries(classes.map((name) => [name, 3])))
    expect(model.weights.get('classification/bias')).toHaveLength(count)
    expect((await readFile(paths.history('net'), 'utf8')).trim().split('\n')).toHaveLength(3)
    expect(JSON.parse(await readFile(paths.run('net'), 'utf8'))).toMatchObject({
      config: 'net',
      device: 'CPU',
      epochs: 2,
    })
  })

  it('trains the head alone for transfer, on the weights that the entry names', async () => {
    await pack(['cat', 'dog'])
    const params = paramsWith({ architecture: 'mobilenet', mode: 'zero', width: 0.25 })
    const { model } = await buildUntrained(selectConfiguration(params, 'net'), {
      imageSize: SIZE,
      classCount: 7,
      seed: 9,
    })
    const gammas = [...weightsOf(model)].filter(([name]) => name.endsWith('gamma'))
    setWeights(model, new Map(gammas.map(([name, values]) => [name, values.fill(10)]))) // else nothing comes through random layers
    await model.save(`file://${folder}/pretrained`)
    const files = ['model.json', 'weights.bin'].map((file) => join(folder, 'pretrained', file))
    const digest = sha256(Buffer.concat(await Promise.all(files.map((file) => readFile(file)))))
    const weights = { path: 'pretrained/model.json', sha256: digest }
    await trainNet({ architecture: 'mobilenet', mode: 'transfer', width: 0.25, weights })
    const trained = await loadModel(paths.model('net'))
    const kernel = (model.getLayer('conv_pw_13').getWeights()[0] as tf.Tensor).dataSync()
    expect(trained.weights.get('conv_pw_13/kernel')).toEqual(kernel)
    expect(trained.weights.get('conv_pw_13_bn/moving_mean')).toEqual(new Float32Array(256))
    const history = await readHistory(paths.history('net'))
    expect(history[1]?.loss).toBeLessThan(history[0]?.loss as number)
  })

  it('says so when there is one class only', async () => {
    await pack(['cat'])
    await expect(trainNet({ architecture: 'mobilenet', mode: 'zero', width: 0.25 })).rejects.toThrow(
      'Expected pictures of two classes or more',
    )
  })
})
