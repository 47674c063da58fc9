import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { stringify } from 'yaml'
import { planRows, writeAugmented } from '../../src/augment/augment.ts'
import { type Params, parseParams } from '../../src/command-line/params.ts'
import { writeFileAtomically } from '../../src/core/files.ts'
import { paths } from '../../src/core/paths.ts'
import { evaluateModel } from '../../src/evaluate/evaluate.ts'
import { hashFolder } from '../../src/fetch/folder-hash.ts'
import { drawSample } from '../../src/fetch/sample.ts'
import { scanImages } from '../../src/fetch/scan.ts'
import { formatVerdict } from '../../src/gate/verdict.ts'
import { decodePixels } from '../../src/images/decode.ts'
import { loadModel, type SavedModel, saveModel } from '../../src/network/saved.ts'
import { type Classified, classifyFiles, type PredictArguments, predictFiles } from '../../src/predict/predict.ts'
import { writeCalibration } from '../../src/scores/calibration.ts'
import { readModelDigest } from '../../src/scores/identity.ts'
import { SIDE, smallNetwork } from '../support/small-network.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const params = parseParams(await readFile('profiles/sample.yaml', 'utf8'))
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
  it('gives a probability to every class, whatever their names', async () => {
    const classes = ['__proto__', 'constructor', 'toString']
    const file = 'images/train/cat/0001.png'
    for await (const answer of classifyFiles({ ...model, classes }, [file])) {
      if (!('label' in answer)) throw new Error(answer.problem)
      expect(Object.keys(answer.probabilities)).toEqual(classes)
      expect(classes).toContain(answer.label)
      expect(Object.keys(JSON.parse(JSON.stringify(answer)).probabilities)).toEqual(classes)
    }
  })

  it('agrees with evaluate on every image', async () => {
    const { images, calibration } = await evaluateModel(model, {
      seed: 1,
      evaluate: { batchSize: 4, bootstrapSamples: 100, falseRefusals: 0.25 },
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

describe('predictFiles', () => {
  const print = async (given: PredictArguments) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    await predictFiles(params, { config: 'original-zero', ...given })
    const lines = [log, error].map(({ mock }) => mock.calls.map(([line]) => String(line)))
    vi.restoreAllMocks()
    return { out: lines[0] ?? [], err: lines[1] ?? [] }
  }

  beforeAll(async () => {
    await cp('model', paths.model('original-zero'), { recursive: true })
    await mkdir('photos/=b', { recursive: true })
    for (const name of ['10.png', '9.png', '=b/1.png']) await cp('images/train/cat/0001.png', join('photos', name))
    for (const name of ['Thumbs.db', '.hidden.png']) await writeFile(join('photos', name), '')
  })

  it('answers with the model that results/gate.json names where none is named, and refuses where params.yaml has it no more', async () => {
    const chosen = (name: string) => writeFileAtomically(paths.resultsGate, formatVerdict({ chosen: name, misses: [] }))
    const remedy = 'Run `npm run repro`, or name a configuration: --config NAME.'
    await expect(print({ config: undefined, files: ['photos'] })).rejects.toThrow(
      `Expected the chosen configuration in results/gate.json, received: nothing at results/gate.json. ${remedy}`,
    )
    await chosen('of-other-images')
    await expect(print({ config: undefined, files: ['photos'] })).rejects.toThrow(
      `Expected the chosen configuration in results/gate.json to be one of params.yaml (original-zero, mobilenet025-zero), received of-other-images. ${remedy}`,
    )
    await chosen('original-zero')
    const { out } = await print({ config: undefined, files: ['photos'], json: true })
    expect(JSON.parse(out[0] ?? '')).toMatchObject({ config: 'original-zero' })
  })

  it('calibrates once the model is evaluated, and says where it is not', async () => {
    const said = 'predict: the probabilities are not calibrated: the model was not evaluated'
    expect((await print({ files: ['photos'] })).err).toContain(said)
    const path = paths.calibration('original-zero')
    await writeCalibration(path, { temperature: 2.5, outcome: 'fitted' })
    const { out, err } = await print({ files: ['photos'], json: true })
    expect(err).not.toContain(said)
    expect(JSON.parse(out[1] ?? '')).toMatchObject({ temperature: 2.5 })
    await rm(path)
  })

  it('says where the model belongs to other parameters', async () => {
    const path = paths.model('original-zero')
    await writeFile('params.yaml', 'rate: 2\n')
    await writeFile('dvc.yaml', stringify({ stages: { train: { cmd: 'train', params: ['rate'], outs: [path] } } }))
    const train = {
      cmd: 'train',
      params: { 'params.yaml': { rate: 1 } },
      outs: [{ path, ...(await hashFolder(path)) }],
    }
    await writeFile('dvc.lock', stringify({ schema: '2.0', stages: { train } }))
    expect((await print({ files: ['photos'] })).err).toContain(
      'predict: the model of original-zero was made from other parameters or images than those at hand (train: rate changed); `npm run repro` makes it again',
    )
    for (const file of ['params.yaml', 'dvc.yaml', 'dvc.lock']) await rm(file)
  })

  it('takes the images in a folder, in the order of their names, and counts the other files', async () => {
    const { out, err } = await print({ files: ['photos', 'images/train/dog/0001.png'] })
    expect(out.map((line) => line.split(':')[0])).toEqual([
      'photos/9.png',
      'photos/10.png',
      'photos/=b/1.png',
      'images/train/dog/0001.png',
    ])
    expect(err).toContain('predict: photos: skipped 1 file without an image extension: Thumbs.db')
    await expect(print({ files: [] })).rejects.toThrow('Expected an image or a folder of images, received none.')
  })

  it('writes a table', async () => {
    await cp('photos/=b', '=b', { recursive: true })
    const { out } = await print({ files: ['=b', 'photos/9.png'], csv: true })
    expect(out[0]).toBe('file,label,cat,dog,horse')
    expect(out[1]).toMatch(/^'=b\/1\.png,(cat|dog|horse),0\.\d{6},0\.\d{6},0\.\d{6}$/)
    expect(out).toHaveLength(3)
  })

  it('says once, before the answers, which model they are from', async () => {
    const { out } = await print({ files: ['photos'], json: true })
    const [head, ...answers] = out.map((line) => JSON.parse(line))
    expect(head).toEqual({ config: 'original-zero', model: (await readModelDigest('model')).digest })
    expect(answers.map(({ file }) => file)).toEqual(['photos/9.png', 'photos/10.png', 'photos/=b/1.png'])
    expect(answers[0]).toMatchObject({ label: expect.any(String), temperature: null })
  })
})
