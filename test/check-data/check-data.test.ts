import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { inMemory } from '../../src/check-data/batch.ts'
import { checkData } from '../../src/check-data/check-data.ts'
import type { Params } from '../../src/command-line/params.ts'
import { SAMPLE_LABELS, samplePixels } from '../../src/fetch/sample.ts'
import type { TrainingData } from '../../src/train/data.ts'
import { type ModelEntry, selectConfiguration } from '../../src/train/params.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { expectTensorsKept } from '../support/tensors.ts'
import { paramsWith, savePretrained } from '../support/tiny-training.ts'

const SIZE = 32
const COUNT = 12
const NET: ModelEntry = { architecture: 'mobilenet', mode: 'zero', width: 0.25, batchSize: COUNT, learningRate: 0.003 }

const folder = temporaryFolder({ per: 'file', enter: true })
beforeAll(() => {
  vi.stubEnv('PADDOCK_FEATURES', join(folder.path, 'features'))
})
afterAll(() => {
  vi.unstubAllEnvs()
})

describe('checkData', () => {
  it('lets a network learn a batch of the sample by heart', async () => {
    const { verdict, faults, scaled, overfitted, batch } = await check(NET, twelveImages())
    expect(verdict.text).toMatch(/^learns: loss 0\.0[0-4]\d and every image correct after \d+ steps$/)
    expect(verdict.learns).toBe(true)
    expect(faults).toEqual([])
    expect(scaled).toMatchObject({ layer: 'rescaling', values: { min: expect.closeTo(-1, 0) } })
    expect(overfitted.probabilities.map((row) => row.indexOf(Math.max(...row)))).toEqual([...batch.labels])
  })

  it('lets the head of transfer learn it from the features of the frozen backbone', async () => {
    const { weights } = await savePretrained(folder.path)
    const entry: ModelEntry = { ...NET, mode: 'transfer', weights, learningRate: 0.01 }
    const { verdict, overfitted } = await check(entry, twelveImages(), { maxSteps: 400 })
    expect(verdict.learns).toBe(true)
    expect(overfitted.probabilities[0]).toHaveLength(3)
  })

  it('lets the layers that fine-tuning unfreezes learn it, while batch norms keep their statistics', async () => {
    const { weights } = await savePretrained(folder.path)
    const fineTune = { head: { epochs: 1, learningRate: 0.001 }, unfreeze: 1, batchNorm: 'frozen' } as const
    const entry: ModelEntry = { ...NET, mode: 'fine-tune', weights, fineTune, learningRate: 1e-6 }
    const { verdict } = await check(entry, twelveImages(), { maxSteps: 400 })
    expect(verdict.text).toMatch(/^learns:/)
  })

  it('says that black images cannot be told apart', async () => {
    const { verdict, overfitted } = await check(NET, new Uint8Array(COUNT * SIZE * SIZE * 3), { maxSteps: 40 })
    expect(verdict.learns).toBe(false)
    expect(verdict.text).toContain('12 of 12 images are of one colour')
    expect(verdict.text).toContain('12 of 12 images are identical to others with another label')
    expect(overfitted.scores).toHaveLength(40)
    expect(overfitted.scores.at(-1)?.accuracy).toBeLessThan(0.5) // four of each class
  })

  it('says that all images are the same one', async () => {
    const first = twelveImages().subarray(0, SIZE * SIZE * 3)
    const pixels = Uint8Array.from(Array.from({ length: COUNT }, () => [...first]).flat())
    const { verdict } = await check(NET, pixels, { maxSteps: 40 })
    expect(verdict.learns).toBe(false)
    expect(verdict.text).toMatch(/^12 of 12 images are identical to others .* nothing can tell them apart/)
  })

  it('says that the learning rate is too large if the loss diverges', async () => {
    const entry: ModelEntry = { ...NET, optimizer: 'sgd', learningRate: 1e5 }
    const { verdict } = await check(entry, twelveImages(), { maxSteps: 20 })
    expect(verdict).toEqual({ learns: false, text: expect.stringContaining('lower learningRate') })
  })

  it('takes the batch that the training starts with, also for an entry with its own seed', async () => {
    const idsOf = async (entry: ModelEntry, seed: number) =>
      (await check(entry, twelveImages(), { maxSteps: 1, seed })).batch.ids
    const own = await idsOf({ ...NET, seed: 5 }, 1)
    expect(own).toEqual(await idsOf(NET, 5))
    expect(own).not.toEqual(await idsOf(NET, 1))
  })

  it('keeps no tensors', async () => {
    await expectTensorsKept(0, () => check(NET, twelveImages(), { maxSteps: 2 }))
  })
})

function check(entry: ModelEntry, pixels: Uint8Array, { maxSteps = 150, seed = 1 } = {}) {
  const params: Params = { ...paramsWith(entry), seed }
  return checkData(selectConfiguration(params, 'net'), dataOf(pixels), { maxSteps, onStep: () => {} })
}

function dataOf(pixels: Uint8Array): TrainingData {
  const labels = Array.from({ length: COUNT }, (_, place) => place % 3)
  const images = { ...inMemory(pixels, [SIZE, SIZE, 3], labels), digest: async () => '' }
  return { classes: SAMPLE_LABELS, training: images, validation: images }
}

/** Twelve images of the sample, four of each class. */
function twelveImages(): Uint8Array {
  const images = Array.from({ length: COUNT }, (_, place) =>
    samplePixels({ set: 'train', label: SAMPLE_LABELS[place % 3] ?? 'cat', number: place + 1, size: SIZE }, 1),
  )
  return Uint8Array.from(Buffer.concat(images))
}
