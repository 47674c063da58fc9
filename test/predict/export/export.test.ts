import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Examples } from '../../../src/batches/batches.ts'
import { parseParams } from '../../../src/command-line/params.ts'
import { writeFileAtomically } from '../../../src/core/files.ts'
import { paths } from '../../../src/core/paths.ts'
import { seededRng } from '../../../src/core/random.ts'
import { loadModel, type SavedModel, saveModel } from '../../../src/network/saved.ts'
import { exportModel, writeExport } from '../../../src/predict/export/export.ts'
import { modelConfig, preprocessorConfig } from '../../../src/predict/export/transformers.ts'
import { brightnessExamples, SIDE, smallNetwork } from '../../support/small-network.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const params = parseParams(await readFile('profiles/sample.yaml', 'utf8'))
const examples = brightnessExamples(35, seededRng(1, 'validation')) // more than a batch

describe('an export', () => {
  temporaryFolder({ per: 'file', enter: true })
  let model: SavedModel
  beforeAll(async () => {
    await saveModel(paths.model('original-zero'), smallNetwork(), {
      ...{ config: 'original-zero', architecture: 'original', mode: 'zero', trainImages: new Map() },
      ...{ epochs: 1, bestEpoch: 1, classes: ['cat', 'dog', 'horse'], image: { size: SIDE, fit: 'cover' } },
    })
    model = await loadModel(paths.model('original-zero'))
  })

  const chosen = (changes: Partial<SavedModel> = {}) => ({
    name: 'original-zero',
    model: { ...model, ...changes },
    digest: 'abc',
    calibration: { temperature: 1.7, outcome: 'fitted' as const },
  })

  it('answers as the model does at its temperature, and has the card of this configuration alone', async () => {
    await writeFileAtomically(paths.resultsCard, '# Model card: `original-zero`\n')
    const agreement = await writeExport('export', chosen(), examples)
    const none = { greatestDistanceDifference: null }
    expect(agreement).toMatchObject({ images: 35, otherAnswers: 0, contradictions: 0, ...none })
    expect(JSON.parse(await readFile('export/novelty.json', 'utf8'))).toMatchObject({ limit: null, references: [] })
    expect(JSON.parse(await readFile('export/check.json', 'utf8'))).toEqual({
      ...{ configuration: 'original-zero', model: 'abc' },
      ...agreement,
    })
    expect(await readFile('export/README.md', 'utf8')).toBe('# Model card: `original-zero`\n')
    await writeFile(paths.resultsCard, '# Model card: `original-zero-2`\n')
    await writeExport('other', chosen(), examples)
    expect(existsSync('other/README.md')).toBe(false)
  })

  it('writes nothing where the file answers otherwise, or the model gives no probabilities', async () => {
    let reads = 0
    const changing: Examples = {
      ...examples,
      read: async (rows) => {
        const values = (await examples.read(rows)) as Uint8Array
        return reads++ < 2 ? values : values.fill(0) // two batches for the model, then two for the file
      },
    }
    await expect(writeExport('broken', chosen(), changing)).rejects.toThrow(
      /^Expected the ONNX file to agree with the model within 0\.0001, received: checked on 35 validation images: greatest difference of a probability \d\.\de-[123], /,
    )
    const weights = new Map(model.weights)
    weights.set('classification/bias', new Float32Array(3).fill(Number.NaN))
    await expect(writeExport('broken', chosen({ weights }), examples)).rejects.toThrow(
      'Expected 3 probabilities, received NaN, NaN, NaN. Train the configuration again.',
    )
    expect(existsSync('broken')).toBe(false)
  })

  it('goes into no folder that is there already', async () => {
    await expect(exportModel(params, { config: 'original-zero', to: 'export' })).rejects.toThrow(
      'Expected --to to name a folder that does not exist yet, received export.',
    )
  })

  it('describes the labels in their order, and how an image becomes a square', () => {
    expect(modelConfig(model)).toMatchObject({
      ...{ model_type: 'resnet', image_size: SIDE },
      ...{ id2label: { 0: 'cat', 1: 'dog', 2: 'horse' }, label2id: { cat: 0, dog: 1, horse: 2 } },
    })
    const square = { height: SIDE, width: SIDE }
    expect(preprocessorConfig(model)).toMatchObject({
      ...{ size: { shortest_edge: SIDE }, do_center_crop: true, crop_size: square },
    })
    const filled = preprocessorConfig({ ...model, image: { size: SIDE, fit: 'fill' } })
    expect(filled).toMatchObject({ size: square, do_center_crop: false })
    expect(filled).not.toHaveProperty('crop_size')
  })
})
