import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Params } from '../../src/command-line/params.ts'
import { paths } from '../../src/core/paths.ts'
import type { FineTuneParams, WeightsSource } from '../../src/network/params.ts'
import { loadModel } from '../../src/network/saved.ts'
import { loadCheckpointedModel } from '../../src/predict/checkpointed-model.ts'
import { layerGraphOf, weightsOf } from '../../src/tensorflow/graph.ts'
import { checkpointFolder, checkpointKey } from '../../src/train/checkpoint-key.ts'
import { type Checkpointer, createCheckpointer, requestFinish } from '../../src/train/checkpointer.ts'
import { withTrainingData } from '../../src/train/data.ts'
import { type Configuration, type ModelEntry, selectConfiguration, type TrainParams } from '../../src/train/params.ts'
import { saveTraining, type Trained, train } from '../../src/train/train.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { packNoise, paramsWith, savePretrained } from '../support/tiny-training.ts'
import { noCheckpointer } from '../support/uninterrupted.ts'

const FINE_TUNE: FineTuneParams = { head: { epochs: 2, learningRate: 0.01 }, unfreeze: 1, batchNorm: 'frozen' }
const STEPS_PER_EPOCH = 3 // 6 images, 2 at once
const HEAD = ['classification/kernel', 'classification/bias']

const folder = temporaryFolder({ per: 'file', enter: true })
let weights: WeightsSource
/** The weights of the pretrained network, by name. */
let pretrained: ReadonlyMap<string, Float32Array>

beforeAll(async () => {
  await packNoise(['cat', 'dog'])
  const saved = await savePretrained(folder.path)
  weights = saved.weights
  pretrained = weightsOf(saved.model)
})

beforeEach(async ({ task }) => {
  vi.stubEnv('PADDOCK_FEATURES', join(folder.path, task.id, 'features'))
  vi.stubEnv('PADDOCK_CHECKPOINTS', join(folder.path, task.id, 'checkpoints'))
  vi.spyOn(console, 'error').mockImplementation(() => {})
})

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

type Given = Partial<TrainParams>

/** A configuration of two epochs at 1e-4. */
function given(entry: object, overrides: Given = {}): Configuration {
  const net = { architecture: 'mobilenet', width: 0.25, weights, ...entry } as ModelEntry
  const base = paramsWith(net)
  const params: Params = { ...base, train: { ...base.train, batchSize: 2, learningRate: 1e-4, ...overrides } }
  return selectConfiguration(params, 'net')
}

const fineTuned = (fineTune: Partial<FineTuneParams> = {}, overrides: Given = {}) =>
  given({ mode: 'fine-tune', fineTune: { ...FINE_TUNE, ...fineTune } }, overrides)

function run(configuration: Configuration, checkpointer = noCheckpointer): Promise<Trained> {
  return withTrainingData((data) => train(configuration, data, checkpointer))
}

/** A checkpointer that writes in nearly every step; the training breaks off after some steps, counted over all phases. */
async function openBreaking(configuration: Configuration, steps = Number.POSITIVE_INFINITY): Promise<Checkpointer> {
  const key = await checkpointKey(configuration)
  let now = 0
  const checkpointer = createCheckpointer({
    folder: checkpointFolder(configuration, key),
    key,
    params: { everyEpochs: 1, everyMinutes: 1 },
    interruption: { requested: () => undefined },
    clock: () => {
      now += 60_000
      return now
    },
    warn: () => {},
  })
  return {
    ...checkpointer,
    afterStep: async (position, capture) => {
      const finish = await checkpointer.afterStep(position, capture)
      if (position.step >= steps) throw new Error('killed')
      return finish
    },
  }
}

function pickHead(values: ReadonlyMap<string, Float32Array>) {
  return HEAD.map((name) => values.get(name))
}

/** The parts of a training that must be the same bytes. */
function bytesOf({ model, history, metadata }: Trained) {
  return { weights: weightsOf(model), history, metadata }
}

describe('fine-tune', () => {
  it('trains the head first, then the last blocks at the lower rate, and moves no statistics', async () => {
    await saveTraining(fineTuned(), await run(fineTuned()))
    const history = await readFile(paths.history('net'), 'utf8')
    const rows = history
      .trim()
      .split('\n')
      .map((line) => line.split(','))
    const column = (name: string) => rows.slice(1).map((row) => row[rows[0]?.indexOf(name) ?? -1])
    expect(column('epoch')).toEqual(['1', '2', '3', '4'])
    expect(column('phase')).toEqual(['head', 'head', 'network', 'network'])
    expect(column('learning_rate')).toEqual(['0.01', '0.01', '0.0001', '0.0001'])
    expect(column('stopped_by')).toEqual(['', 'epochs', '', 'epochs'])
    const trained = await loadModel(paths.model('net'))
    expect(trained.epochs).toBe(4)
    // depthwise 9 * 256, pointwise 256 * 256, two gammas and betas of 256, and the head of two classes
    expect(trained.parameters.trainable).toBe(2_304 + 65_536 + 1_024 + 514)
  })

  it('changes what it unfreezes, gammas too, and nothing else', async () => {
    const { model } = await run(fineTuned({ head: null }))
    const changed = [...weightsOf(model)]
      .filter(([name, values]) => !HEAD.includes(name) && String(values) !== String(pretrained.get(name)))
      .map(([name]) => name)
    expect(changed.sort()).toEqual(
      [
        'conv_dw_13_bn/beta',
        'conv_dw_13_bn/gamma',
        'conv_dw_13/depthwise_kernel',
        'conv_pw_13_bn/beta',
        'conv_pw_13_bn/gamma',
        'conv_pw_13/kernel',
      ].sort(),
    )
  })

  it('starts the second phase with the best head of the first', async () => {
    const { history } = await run(fineTuned({ unfreeze: 'all' }, { learningRate: 1e-12, epochs: 1 }))
    const best = Math.min(...history.slice(0, 2).map((row) => row.validation_loss))
    expect(history[2]?.validation_loss).toBeCloseTo(best, 2) // the features come from folded batch norms
  })

  it('moves statistics and trains all layers at once, if the parameters say so', async () => {
    const { model, history } = await run(fineTuned({ head: null, unfreeze: 'all', batchNorm: 'moving' }))
    expect(history.map((row) => row.phase)).toEqual(['network', 'network'])
    for (const name of ['conv1_bn/moving_mean', 'conv_pw_13_bn/moving_variance']) {
      expect(weightsOf(model).get(name)).not.toEqual(pretrained.get(name))
    }
    const roles = layerGraphOf(model)
      .flatMap((layer) => layer.weights)
      .filter(({ trainable }) => !trainable)
      .map(({ role }) => role)
    expect([...new Set(roles)]).toEqual(['moving_mean', 'moving_variance'])
  })

  it('trains the head exactly as transfer does, and keeps it if what follows is worse', async () => {
    const ruinous = { learningRate: 10, epochs: 1 }
    const { model, history, metadata } = await run(fineTuned({ head: { epochs: 3, learningRate: 0.01 } }, ruinous))
    const transfer = await run(given({ mode: 'transfer' }, { epochs: 3, learningRate: 0.01 }))
    expect(history.slice(0, 3)).toEqual(transfer.history)
    expect(history).toHaveLength(4)
    expect(metadata.bestEpoch).toBe(transfer.metadata.bestEpoch)
    expect(weightsOf(model)).toEqual(weightsOf(transfer.model))
  })
})

describe('fine-tuning that is interrupted', () => {
  /** What a training ends with that nothing interrupts; trained once for all. */
  let whole: ReturnType<typeof bytesOf> | undefined

  it.each([
    ['in the head', 2],
    ['at the end of the head', 2 * STEPS_PER_EPOCH],
    ['at the beginning of the second phase', 2 * STEPS_PER_EPOCH + 1],
    ['in the second phase', 3 * STEPS_PER_EPOCH + 2],
  ])('ends with the same bytes when it breaks off %s', async (_moment, step) => {
    const job = fineTuned({}, { dropout: 0.2 })
    whole ??= bytesOf(await run(job))
    await expect(run(job, await openBreaking(job, step))).rejects.toThrow('killed')
    expect(bytesOf(await run(job, await openBreaking(job)))).toEqual(whole)
  })

  it('continues in the second phase without computing features again', async () => {
    const job = fineTuned()
    await expect(run(job, await openBreaking(job, 2 * STEPS_PER_EPOCH + 1))).rejects.toThrow('killed')
    const features = process.env.PADDOCK_FEATURES ?? ''
    await rm(features, { recursive: true })
    await run(job, await openBreaking(job))
    await expect(readFile(features)).rejects.toThrow('ENOENT')
  })

  it('has its last and its best weights in its checkpoints, in both phases', async () => {
    const job = fineTuned({}, { learningRate: 10 }) // the head stays best
    const load = (which: string) => loadCheckpointedModel(job, which)
    await expect(run(job, await openBreaking(job, STEPS_PER_EPOCH + 1))).rejects.toThrow('killed')
    const best = await load('best')
    expect(best).toMatchObject({ epochs: 1, bestEpoch: 1 })
    await expect(run(job, await openBreaking(job, 3 * STEPS_PER_EPOCH + 1))).rejects.toThrow('killed')
    const later = await load('best')
    expect(later.bestEpoch).toBeLessThanOrEqual(2)
    expect(later.epochs).toBe(later.bestEpoch)
    expect(later.weights.get('conv_pw_13/kernel')).toEqual(pretrained.get('conv_pw_13/kernel'))
    const last = await load('last')
    expect(last.weights.get('conv_pw_13/kernel')).not.toEqual(pretrained.get('conv_pw_13/kernel'))
  })
})

describe('fine-tuning that is asked to finish', () => {
  /** Breaks off after a step, asks for the end, and continues. */
  async function finishAfter(step: number, job = fineTuned()): Promise<Trained> {
    await expect(run(job, await openBreaking(job, step))).rejects.toThrow('killed')
    await requestFinish(job)
    return run(job, await openBreaking(job))
  }

  it('skips the second phase if it is still in the first', async () => {
    const { history, model } = await finishAfter(STEPS_PER_EPOCH + 1)
    expect(history.map(({ phase, stopped_by }) => [phase, stopped_by])).toEqual([['head', 'finish']])
    expect(weightsOf(model).get('conv_pw_13/kernel')).toEqual(pretrained.get('conv_pw_13/kernel'))
  })

  it('ends at once in the second, with the head that it has', async () => {
    const { history, metadata, model } = await finishAfter(2 * STEPS_PER_EPOCH + 1)
    const head = await run(given({ mode: 'transfer' }, { learningRate: 0.01 }))
    expect(history.map((row) => row.stopped_by)).toEqual(['', 'finish'])
    expect(metadata.bestEpoch).toBe(head.metadata.bestEpoch)
    expect(pickHead(weightsOf(model))).toEqual(pickHead(weightsOf(head.model)))
  })
})
