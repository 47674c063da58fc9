import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parseParams } from '../../src/command-line/params.ts'
import { SAMPLE_LABELS, samplePixels } from '../../src/fetch/sample.ts'
import { type Examples, linearAccuracy, shrunk } from '../support/linear.ts'
import { lookAt, searchAmong } from '../support/looks.ts'

const { fetch, seed } = parseParams(await readFile('profiles/sample.yaml', 'utf8'))
if (fetch.source !== 'sample') throw new Error('the profile sample draws no sample')
const { imagesPerClass, testImagesPerClass, size } = fetch

/** All images of the sample: 300 a class for training, 10 for the test. */
const images = Object.entries({ train: imagesPerClass, test: testImagesPerClass }).flatMap(([name, count]) => {
  const set = name as 'train' | 'test'
  return SAMPLE_LABELS.flatMap((label) =>
    Array.from({ length: count }, (_, place) => {
      const number = place + 1
      return {
        id: `${set}/${label}/${number}`,
        set,
        label,
        number,
        pixels: samplePixels({ set, label, number, size }, seed),
      }
    }),
  )
})

describe('the sample', () => {
  it('has no two images that are one, since each is drawn by itself', () => {
    const found = images.map(({ id, pixels }) => {
      return lookAt(id, { pixels, width: size, height: size })
    })
    expect(found).toHaveLength(930)
    expect(searchAmong(found)).toEqual([])
  })

  it('cannot be told apart by a linear model of its pixels', async () => {
    const { ridge, logistic } = await linearAccuracy(examples(1, 240), examples(241, 300))
    expect(ridge).toBeLessThan(0.7)
    expect(logistic).toBeLessThan(0.7)
    expect(Math.max(ridge, logistic)).toBeGreaterThan(0.34) // it did learn something
  })
})

describe('linearAccuracy', () => {
  it('separates what a line separates, and not what none does', async () => {
    const corners = [0, 1].flatMap((x) => [0, 1].map((y) => Float32Array.of(x, y)))
    const line: Examples = { features: corners, labels: [0, 0, 1, 1] }
    const exclusiveOr: Examples = { features: corners, labels: [0, 1, 1, 0] }
    expect(await linearAccuracy(line, line)).toEqual({ ridge: 1, logistic: 1 })
    const { ridge, logistic } = await linearAccuracy(exclusiveOr, exclusiveOr)
    expect(Math.max(ridge, logistic)).toBeLessThanOrEqual(0.75) // three of four at best
  })
})

/** Training images by their numbers, shrunk to 32 x 32 pixels. */
function examples(first: number, last: number): Examples {
  const chosen = images.filter(({ set, number }) => set === 'train' && number >= first && number <= last)
  return {
    features: chosen.map(({ pixels }) => shrunk(pixels, size, 4)),
    labels: chosen.map(({ label }) => SAMPLE_LABELS.indexOf(label)),
  }
}
