import { afterAll, describe, expect, it } from 'vitest'
import { integer, seededRng } from '../../src/core/random.ts'
import type { TrainParams } from '../../src/train/params.ts'
import { type KilledTraining, openKilledTraining } from '../support/killed-training.ts'

const KILLS_EACH = 4
/** A checkpoint may be whole before the signal comes. */
const ATTEMPTS = 8

/** Every optimizer and schedule; the network has batch norm, dropout and a depthwise convolution. */
const SETTINGS: readonly (readonly [string, Partial<TrainParams>])[] = [
  ['Adam, plateau', { schedule: { kind: 'plateau', patience: 1, factor: 0.5 } }],
  [
    'AdamW, cosine with warm-up, averaged weights',
    { optimizer: 'adamw', schedule: { kind: 'cosine', warmUpEpochs: 1 }, ema: 0.9 },
  ],
  ['SGD with Nesterov momentum, clipping', { optimizer: 'sgd', nesterov: true, clipNorm: 0.5 }],
  [
    'Adam, steps, focal loss, balanced classes',
    { schedule: { kind: 'step', everyEpochs: 2, factor: 0.5 }, loss: 'focal', classWeights: 'balanced' },
  ],
  ['Adam, op by op', { engine: 'eager' }],
]

const opened: KilledTraining[] = []
async function open(params: Partial<TrainParams>, env: Record<string, string> = {}): Promise<KilledTraining> {
  const training = await openKilledTraining(params, env)
  opened.push(training)
  return training
}

afterAll(() => Promise.all(opened.map((training) => training.remove())))

describe.each(SETTINGS)('%s', (name, params) => {
  it(`ends with the same bytes after ${KILLS_EACH} kills, one of them while a checkpoint is being written`, async () => {
    const expected = await (await open(params)).finish()
    const rng = seededRng(1, 'kills', name)
    const killed = await open(params)
    for (let kill = 1; kill < KILLS_EACH; kill++) {
      await killed.kill('SIGKILL', integer(rng, 1, 9), integer(rng, 0, 12))
    }
    let cutOff = false
    for (let attempt = 0; !cutOff && attempt < ATTEMPTS; attempt++) cutOff = await killed.killWhileWriting(2)
    expect(cutOff).toBe(true)
    expect(await killed.finish()).toEqual(expected)
  })
})
