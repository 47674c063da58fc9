import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseParams } from '../../src/command-line/params.ts'
import { trainingDigest } from '../../src/config/training-digest.ts'
import { expectProvenance } from '../../src/evaluate/provenance.ts'
import type { ModelMetadata } from '../../src/network/saved.ts'
import { selectConfiguration } from '../../src/train/params.ts'

const text = await readFile('profiles/sample.yaml', 'utf8')
const NAME = 'mobilenet025-zero'
const written = parse(text)

describe('trainingDigest', () => {
  it('is the same of params.yaml as it is written, of its checked values, and in another order of keys', () => {
    const configuration = selectConfiguration(parseParams(text), NAME)
    expect(trainingDigest(written, NAME)).toBe(configuration.trainingDigest)
    const turned = { ...written, train: Object.fromEntries(Object.entries(written.train).reverse()) }
    expect(trainingDigest(turned, NAME)).toBe(configuration.trainingDigest)
  })

  it('depends on the entry, on what all configurations share, and on no other configuration', () => {
    const digest = trainingDigest(written, NAME)
    const change = (key: string, value: object) => ({ ...written, [key]: { ...written[key], ...value } })
    expect(trainingDigest(change('models', { 'original-zero': {} }), NAME)).toBe(digest)
    for (const other of [
      change('models', { [NAME]: { ...written.models[NAME], epochs: 19 } }),
      change('train', { ema: null }),
      change('image', { size: 64 }),
      { ...written, seed: 2 },
    ]) {
      expect(trainingDigest(other, NAME)).not.toBe(digest)
    }
  })
})

describe('expectProvenance', () => {
  const model: ModelMetadata = {
    config: 'b',
    architecture: 'mobilenet',
    mode: 'transfer',
    classes: ['cat', 'dog'],
    trainImages: new Map(),
    epochs: 3,
    bestEpoch: 2,
    image: { size: 64, fit: 'cover' },
    training: { parameters: 'p'.repeat(64), images: 'i'.repeat(64) },
  }
  const expected = {
    config: 'b',
    entry: { architecture: 'mobilenet', mode: 'transfer' },
    parameters: 'p'.repeat(64),
    images: 'i'.repeat(64),
    epochs: 3,
  }

  it('lets the model of that training pass', () => {
    expectProvenance(model, expected)
  })

  it('names everything that differs in a model of another, and how to train the right one', () => {
    const forged = { ...model, config: 'a', architecture: 'original', mode: 'zero', epochs: 2 }
    expect(() => expectProvenance(forged, { ...expected, images: 'x'.repeat(64) })).toThrow(
      `Expected artifacts/train/b/model to be from the training of b in params.yaml, received another: configuration a instead of b, architecture original instead of mobilenet, mode zero instead of transfer, training images ${'i'.repeat(24)} instead of ${'x'.repeat(24)}, epochs 2 instead of 3. If it came from DVC's run cache, the cache has the outputs of another training under this name. Train it again: \`npm run repro -- --force --no-run-cache --single-item train@b\`.`,
    )
  })

  it('refuses a model that says nothing of its training', () => {
    const { training: _training, ...without } = model
    expect(() => expectProvenance(without, expected)).toThrow('parameters unknown instead of pppp')
  })
})
