import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadCheckpointedModel } from '../../src/predict/checkpointed-model.ts'
import type { Snapshot } from '../../src/train/checkpoint.ts'
import { checkpointFolder, checkpointKey } from '../../src/train/checkpoint-key.ts'
import { createCheckpointer } from '../../src/train/checkpointer.ts'
import { withTrainingData } from '../../src/train/data.ts'
import { InterruptedError } from '../../src/train/interruption.ts'
import { type Configuration, type ModelEntry, selectConfiguration, type TrainParams } from '../../src/train/params.ts'
import { train } from '../../src/train/train.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { packNoise, paramsWith, savePretrained } from '../support/tiny-training.ts'

const ZERO: ModelEntry = { architecture: 'mobilenet', mode: 'zero', width: 0.25 }
const KERNEL = 'classification/kernel'
const STEPS_PER_EPOCH = 3 // 6 images, 2 at once

const folder = temporaryFolder({ enter: true })

beforeEach(async () => {
  vi.stubEnv('PADDOCK_FEATURES', join(folder.path, 'features'))
  vi.stubEnv('PADDOCK_CHECKPOINTS', join(folder.path, 'checkpoints'))
  await packNoise(['cat', 'dog'])
})

afterEach(async () => {
  vi.unstubAllEnvs()
})

interface Interrupted {
  readonly configuration: Configuration
  /** What the training had in memory after each epoch and when it stopped, by the number of the step. */
  readonly snapshots: ReadonlyMap<number, Snapshot>
}

/** Trains with a checkpoint an epoch, and is told to stop after some steps. */
async function interrupt(steps: number, entry: ModelEntry, given: Partial<TrainParams> = {}): Promise<Interrupted> {
  const base = paramsWith(entry)
  const params = { ...base, train: { ...base.train, epochs: 9, batchSize: 2, learningRate: 0.01, ema: null, ...given } }
  const configuration = selectConfiguration(params, 'net')
  const key = await checkpointKey(configuration)
  const snapshots = new Map<number, Snapshot>()
  let taken = 0
  const checkpointer = createCheckpointer({
    folder: checkpointFolder(configuration, key),
    key,
    params: { everyEpochs: 1, everyMinutes: 60 },
    interruption: { requested: () => (taken >= steps ? 'SIGTERM' : undefined) },
    clock: () => 0,
    warn: () => {},
  })
  const watched = {
    ...checkpointer,
    afterStep: async (...[position, capture]: Parameters<typeof checkpointer.afterStep>) => {
      taken = position.step
      if (taken === steps) snapshots.set(taken, capture())
      return checkpointer.afterStep(position, capture)
    },
    afterEpoch: async (...[position, capture, isBest]: Parameters<typeof checkpointer.afterEpoch>) => {
      snapshots.set(position.step, capture())
      await checkpointer.afterEpoch(position, capture, isBest)
    },
  }
  await expect(withTrainingData((data) => train(configuration, data, watched))).rejects.toThrow(InterruptedError)
  return { configuration, snapshots }
}

describe('loadCheckpointedModel', () => {
  it('gives the weights of the last step, of an epoch and of the best epoch', async () => {
    const { configuration, snapshots } = await interrupt(2 * STEPS_PER_EPOCH + 1, ZERO)
    const load = (which: string) => loadCheckpointedModel(configuration, which)
    const [last, second, best] = [await load('last'), await load('2'), await load('best')]
    expect(last.weights.get(KERNEL)).toEqual(snapshots.get(7)?.now.get(KERNEL))
    expect(second.weights.get(KERNEL)).toEqual(snapshots.get(6)?.now.get(KERNEL))
    expect(second.weights.get('conv1_bn/moving_mean')).toEqual(snapshots.get(6)?.now.get('conv1_bn/moving_mean'))
    expect(best.weights.get(KERNEL)).toEqual(snapshots.get(7)?.best.get(KERNEL))
    expect(last.weights.get(KERNEL)).not.toEqual(second.weights.get(KERNEL))
    expect(last).toMatchObject({ config: 'net', classes: ['cat', 'dog'], epochs: 2 })
    expect(last.trainImages).toEqual(new Map(Object.entries({ cat: 3, dog: 3 })))
  })

  it('gives averaged weights where they are averaged', async () => {
    const { configuration, snapshots } = await interrupt(STEPS_PER_EPOCH, ZERO, { ema: 0.5 })
    const { weights } = await loadCheckpointedModel(configuration, 'last')
    expect(weights.get(KERNEL)).toEqual(snapshots.get(3)?.now.get(`${KERNEL}/average`))
    expect(weights.get(KERNEL)).not.toEqual(snapshots.get(3)?.now.get(KERNEL))
  })

  it('puts the head on the frozen backbone for transfer', async () => {
    const { weights: source, model } = await savePretrained(folder.path)
    const entry: ModelEntry = { architecture: 'mobilenet', mode: 'transfer', width: 0.25, weights: source }
    const { configuration, snapshots } = await interrupt(STEPS_PER_EPOCH + 1, entry)
    const { weights } = await loadCheckpointedModel(configuration, 'last')
    expect(weights.get(KERNEL)).toEqual(snapshots.get(4)?.now.get(KERNEL))
    const backbone = model.getLayer('conv_pw_13').getWeights()[0]?.dataSync()
    expect(weights.get('conv_pw_13/kernel')).toEqual(backbone)
  })

  it('says which checkpoints there are when it is asked for another', async () => {
    const { configuration } = await interrupt(2 * STEPS_PER_EPOCH + 1, ZERO)
    const load = (which: string) => loadCheckpointedModel(configuration, which)
    await expect(load('7')).rejects.toThrow(
      'Expected the checkpoint 7 of net, received last, best, 3, 2. Name one of these.',
    )
    await expect(load('first')).rejects.toThrow('Expected --checkpoint last, best or the number of an epoch')
  })

  it('has no best weights before the first epoch is over, and nothing of a run with other parameters', async () => {
    const { configuration } = await interrupt(1, ZERO)
    await expect(loadCheckpointedModel(configuration, 'best')).rejects.toThrow('received last, 1.')
    const other = { ...configuration, seed: configuration.seed + 1 }
    await expect(loadCheckpointedModel(other, 'last')).rejects.toThrow(
      'Expected the checkpoint last of net, received none. The model of a finished training is in artifacts/train',
    )
  })
})
