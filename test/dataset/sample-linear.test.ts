import { describe, expect, it } from 'vitest'
import { SAMPLE_LABELS } from '../../src/dataset/sample/picture.ts'
import { samplePixels } from '../../src/dataset/sample.ts'
import { type Examples, linearAccuracy, shrunk } from '../support/linear.ts'

const SIZE = 128

describe('the sample', () => {
  it('cannot be told apart by a linear model of its pixels', { timeout: 300_000 }, () => {
    const { ridge, logistic } = linearAccuracy(examples(1, 240, 4), examples(241, 300, 4)) // 32 x 32 pixels
    expect(ridge).toBeLessThan(0.7)
    expect(logistic).toBeLessThan(0.7)
    expect(Math.max(ridge, logistic)).toBeGreaterThan(0.34) // it did learn something
  })
})

describe('linearAccuracy', () => {
  it('separates what a line separates, and not what none does', () => {
    const corner = (x: number, y: number) => Float32Array.of(x, y)
    const corners = [corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1)]
    const line: Examples = { features: corners, labels: [0, 0, 1, 1] }
    const exclusiveOr: Examples = { features: corners, labels: [0, 1, 1, 0] }
    expect(linearAccuracy(line, line)).toEqual({ ridge: 1, logistic: 1 })
    expect(Math.max(...Object.values(linearAccuracy(exclusiveOr, exclusiveOr)))).toBeLessThanOrEqual(0.75) // three of four at best
  })
})

function examples(first: number, last: number, factor: number): Examples {
  const all = SAMPLE_LABELS.flatMap((label, index) =>
    Array.from({ length: last - first + 1 }, (_, offset) => ({
      pixels: samplePixels({ set: 'train', label, number: first + offset, size: SIZE }, 1),
      index,
    })),
  )
  return { features: all.map(({ pixels }) => shrunk(pixels, SIZE, factor)), labels: all.map(({ index }) => index) }
}
