import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { planRows, writeAugmented } from '../../src/augment/augment.ts'
import type { Params } from '../../src/command-line/params.ts'
import { paths } from '../../src/core/paths.ts'
import { evaluateModel } from '../../src/evaluate/evaluate.ts'
import { drawSample } from '../../src/fetch/sample.ts'
import { scanImages } from '../../src/fetch/scan.ts'
import { decodePixels } from '../../src/images/decode.ts'
import { loadModel, type SavedModel, saveModel } from '../../src/network/saved.ts'
import { type Classified, classifyFiles } from '../../src/predict/predict.ts'
import { SIDE, smallNetwork } from '../support/small-network.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const image: Params['image'] = { size: SIDE, fit: 'cover' }
temporaryFolder({ per: 'file', enter: true })
let model: SavedModel

/** Eighteen drawn images that went through augment, and a model that was saved and loaded. */
beforeAll(async () => {
  await drawSample('images', { imagesPerClass: 5, testImagesPerClass: 1, size: 64 }, 1)
  const { accepted } = await scanImages('images', { image, squares: { add: () => {} } })
  const split = accepted.map(({ id, label, set }, i) => ({
    id,
    label,
    part: set === 'test' ? set : i % 2 ? ('holdout' as const) : ('validation' as const),
  }))
  const augment = { copies: 0, rotation: 0, shift: 0, shear: 0, zoom: 0, flip: false, online: null }
  await writeAugmented(
    paths.augment,
    planRows([...split, { ...(split[0] as (typeof split)[number]), part: 'train' }], 0),
    {
      readImage: (id) => decodePixels(join('images', id), image),
      params: { seed: 1, image, augment },
    },
  )
  const card = {
    config: 'small',
    architecture: 'original',
    mode: 'zero',
    trainImages: new Map(),
    epochs: 1,
    bestEpoch: 1,
  }
  await saveModel('model', smallNetwork(), { ...card, classes: ['cat', 'dog', 'horse'], image })
  model = await loadModel('model')
})

async function classify(files: readonly string[], temperature?: number): Promise<Classified[]> {
  const answers: Classified[] = []
  for await (const answer of classifyFiles(model, files, temperature)) answers.push(answer)
  return answers
}

describe('classifyFiles', () => {
  it('agrees with evaluate on every image', async () => {
    const { images, calibration } = await evaluateModel(model, {
      seed: 1,
      evaluate: { batchSize: 4, bootstrapSamples: 100 },
    })
    expect(images).toHaveLength(18)
    const files = images.map(({ id }) => join('images', id))
    const answers = await classify(files, calibration.temperature)
    answers.forEach((answer, i) => {
      if (!('label' in answer)) throw new Error(answer.problem)
      const expected = images[i]?.calibrated ?? []
      Object.values(answer.probabilities).forEach((probability, k) => {
        expect(probability).toBeCloseTo(expected[k] ?? Number.NaN, 6)
      })
      expect(answer.probabilities[answer.label]).toBe(Math.max(...Object.values(answer.probabilities)))
    })
  })

  it('says what is wrong with a file that is no image, and goes on', async () => {
    await writeFile('broken.jpg', 'no image')
    const answers = await classify(['broken.jpg', 'missing.png', 'images/train/cat/0001.png'])
    expect(answers).toEqual([
      { file: 'broken.jpg', problem: expect.stringContaining('Expected an image') },
      { file: 'missing.png', problem: expect.stringContaining('nothing at missing.png') },
      {
        file: 'images/train/cat/0001.png',
        label: expect.any(String),
        probabilities: expect.any(Object),
        temperature: null,
      },
    ])
  })

  it('makes probabilities less certain at a high temperature, and says the same class', async () => {
    const file = 'images/train/cat/0001.png'
    const [own] = await classify([file])
    const [cooled] = await classify([file], 4)
    if (!own || !cooled || 'problem' in own || 'problem' in cooled) throw new Error('Expected two answers.')
    expect(cooled).toMatchObject({ label: own.label, temperature: 4 })
    expect(Math.max(...Object.values(cooled.probabilities))).toBeLessThan(Math.max(...Object.values(own.probabilities)))
  })
})
