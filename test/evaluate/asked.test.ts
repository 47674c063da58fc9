import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseParams } from '../../src/command-line/params.ts'
import { askedDigest } from '../../src/config/asked.ts'
import { expectAsked } from '../../src/evaluate/asked.ts'
import type { ModelMetadata } from '../../src/network/saved.ts'
import { selectConfiguration } from '../../src/train/params.ts'

const text = await readFile('profiles/sample.yaml', 'utf8')
const NAME = 'mobilenet025-zero'
const written = parse(text)

describe('askedDigest', () => {
  it('is the same of params.yaml as it is written, of its checked values, and in another order of keys', () => {
    const { asked } = selectConfiguration(parseParams(text), NAME)
    expect(askedDigest(written, NAME)).toBe(asked)
    const turned = { ...written, train: Object.fromEntries(Object.entries(written.train).reverse()) }
    expect(askedDigest(turned, NAME)).toBe(asked)
  })

  it('depends on the entry, on what all configurations share, and on no other configuration', () => {
    const digest = askedDigest(written, NAME)
    const change = (key: string, value: object) => ({ ...written, [key]: { ...written[key], ...value } })
    expect(askedDigest(change('models', { 'original-zero': {} }), NAME)).toBe(digest)
    for (const other of [
      change('models', { [NAME]: { ...written.models[NAME], epochs: 19 } }),
      change('train', { ema: null }),
      change('image', { size: 64 }),
      { ...written, seed: 2 },
    ]) {
      expect(askedDigest(other, NAME)).not.toBe(digest)
    }
  })
})

describe('expectAsked', () => {
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
  const asked = {
    config: 'b',
    entry: { architecture: 'mobilenet', mode: 'transfer' },
    parameters: 'p'.repeat(64),
    images: 'i'.repeat(64),
    epochs: 3,
  }

  it('lets the model of that training pass', () => {
    expectAsked(model, asked)
  })

  it('names everything that differs in a model of another, and how to train the right one', () => {
    const forged = { ...model, config: 'a', architecture: 'original', mode: 'zero', epochs: 2 }
    expect(() => expectAsked(forged, { ...asked, images: 'x'.repeat(64) })).toThrow(
      `Expected the training of b that params.yaml asks for in artifacts/train/b/model, received another: configuration a instead of b, architecture original instead of mobilenet, mode zero instead of transfer, training images ${'i'.repeat(24)} instead of ${'x'.repeat(24)}, epochs 2 instead of 3. Where it came from DVC's run cache, that has another's outputs under this one's name. Train it again: \`npm run repro -- --force --no-run-cache --single-item train@b\`.`,
    )
  })

  it('refuses a model that says nothing of its training', () => {
    const { training: _training, ...without } = model
    expect(() => expectAsked(without, asked)).toThrow('parameters unknown instead of pppp')
  })
})
