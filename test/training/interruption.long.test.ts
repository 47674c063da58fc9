import { afterAll, describe, expect, it } from 'vitest'
import type { TrainParams } from '../../src/config/schema.ts'
import { integer, seededRng } from '../../src/core/random.ts'
import { type KilledTraining, openKilledTraining } from '../support/killed-training.ts'

const KILLS_EACH = 4

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
  it(`ends with the same bytes after ${KILLS_EACH} kills at random moments`, async () => {
    const expected = await (await open(params)).finish()
    const rng = seededRng(1, 'kills', name)
    const killed = await open(params)
    for (let kill = 0; kill < KILLS_EACH; kill++) {
      // A checkpoint follows nearly every step, so a few milliseconds after a line one is often being written.
      await killed.kill('SIGKILL', integer(rng, 1, 9), integer(rng, 0, 12))
    }
    expect(await killed.finish()).toEqual(expected)
  })
})
