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
import type { Novelty } from '../../src/scores/novelty.ts'
import { writeNovelty } from '../../src/scores/novelty-files.ts'
import { EVALUATED_PARTS } from '../../src/scores/predictions.ts'
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

async function classify(files: readonly string[], temperature?: number, novelty?: Novelty): Promise<Classified[]> {
  const answers: Classified[] = []
  const calibration = temperature === undefined ? undefined : ({ temperature, outcome: 'fitted' } as const)
  for await (const answer of classifyFiles({ model, calibration, novelty }, files)) answers.push(answer)
  return answers
}

describe('classifyFiles', () => {
  it('gives a probability to every class, whatever their names', async () => {
    const classes = ['__proto__', 'constructor', 'toString']
    const file = 'images/train/cat/0001.png'
    for await (const answer of classifyFiles({ model: { ...model, classes } }, [file])) {
      if (!('label' in answer)) throw new Error(answer.problem)
      expect(Object.keys(answer.probabilities)).toEqual(classes)
      expect(classes).toContain(answer.label)
      expect(Object.keys(JSON.parse(JSON.stringify(answer)).probabilities)).toEqual(classes)
    }
  })

  it('agrees with evaluate on every image', async () => {
    const { images, calibration, novelty } = await evaluateModel(model, {
      seed: 1,
      evaluate: { batchSize: 4, bootstrapSamples: 100, falseRefusals: 0.25 },
    })
    expect(images).toHaveLength(18)
    const files = images.map(({ id }) => join('images', id))
    const answers = await classify(files, calibration.temperature, novelty.stored)
    const ofPart = (part: string) => answers.filter((_, i) => images[i]?.part === part)
    for (const part of EVALUATED_PARTS) {
      const refused = ofPart(part).filter((answer) => 'label' in answer && answer.label === null)
      expect(novelty.metrics.refused[part]).toEqual({ refused: refused.length, images: ofPart(part).length })
    }
    expect(novelty.metrics.refused.validation.refused).toBe(1) // of 8: floor(9 * 0.25) - 1
    answers.forEach((answer, i) => {
      if (!('label' in answer)) throw new Error(answer.problem)
      const expected = images[i]?.calibrated ?? []
      Object.values(answer.probabilities).forEach((probability, k) => {
        expect(probability).toBeCloseTo(expected[k] ?? Number.NaN, 6)
      })
      if (answer.label === null) expect(answer.distance).toBeGreaterThan(answer.limit ?? 2)
      else expect(answer.probabilities[answer.label]).toBe(Math.max(...Object.values(answer.probabilities)))
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
        ...{ distance: null, limit: null, nearest: {} },
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

  it('answers null, with the nearest classes, for an image beyond the limit, and says where no image is', async () => {
    const at = paths.novelty('original-zero')
    const { digest } = await readModelDigest('model')
    const given: Novelty = {
      ...{ layer: 'average', width: 4, references: [1, 2, 1], neighbours: 4, limit: 0, outcome: 'limit found' },
      rows: Int8Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 127 : 0)), // one for each axis
    }
    await writeNovelty(at, digest, given)
    const files = ['photos/9.png']
    const text = await print({ files })
    expect(text.out[0]).toMatch(
      /^photos\/9\.png: none of these \(distance [01]\.\d{3}, limit 0\.000; nearest: dog 2, cat 1, horse 1\)$/,
    )
    expect(text.err.join()).not.toContain('every image gets a class')
    const [, answer = ''] = (await print({ files, json: true })).out
    const { label, distance, limit, nearest, probabilities } = JSON.parse(answer)
    expect({ label, limit, nearest }).toEqual({ label: null, limit: 0, nearest: { cat: 1, dog: 2, horse: 1 } })
    expect(Object.keys(probabilities)).toEqual(['cat', 'dog', 'horse'])
    const [, row = ''] = (await print({ files, csv: true })).out
    expect(row.startsWith(`photos/9.png,,${distance.toFixed(6)},0.`)).toBe(true)

    const said = 'predict: every image gets a class: '
    await writeNovelty(at, digest, { ...given, limit: null, outcome: 'too few validation images' })
    expect((await print({ files })).err).toContain(`${said}too few validation images`)
    await writeNovelty(at, digest, { ...given, limit: null, outcome: 'switched off' })
    expect((await print({ files })).err.join()).not.toContain(said)
    await writeNovelty(at, 'of another model', given)
    expect((await print({ files })).err).toContain(`${said}the model was not evaluated`)
    await writeNovelty(at, digest, { ...given, width: 5 })
    await expect(print({ files })).rejects.toThrow(`Expected 20 bytes in ${at.references}, received 16.`)
    await rm(paths.evaluate('original-zero'), { recursive: true })
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
    expect(out[0]).toBe('file,label,distance,cat,dog,horse')
    expect(out[1]).toMatch(/^'=b\/1\.png,(cat|dog|horse),,0\.\d{6},0\.\d{6},0\.\d{6}$/)
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
