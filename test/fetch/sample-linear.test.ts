import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { SAMPLE_LABELS, samplePixels } from '../../src/fetch/sample.ts'
import { type Examples, linearAccuracy, shrunk } from '../support/linear.ts'

const SIZE = 128

describe('the sample', () => {
  it('cannot be told apart by a linear model of its pixels', { timeout: 300_000 }, async () => {
    const { ridge, logistic } = await linearAccuracy(await examples(1, 240, 4), await examples(241, 300, 4)) // 32 x 32 pixels
    expect(ridge).toBeLessThan(0.7)
    expect(logistic).toBeLessThan(0.7)
    expect(Math.max(ridge, logistic)).toBeGreaterThan(0.34) // it did learn something
  })
})

describe('linearAccuracy', () => {
  it('separates what a line separates, and not what none does', async () => {
    const corner = (x: number, y: number) => Float32Array.of(x, y)
    const corners = [corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1)]
    const line: Examples = { features: corners, labels: [0, 0, 1, 1] }
    const exclusiveOr: Examples = { features: corners, labels: [0, 1, 1, 0] }
    expect(await linearAccuracy(line, line)).toEqual({ ridge: 1, logistic: 1 })
    const { ridge, logistic } = await linearAccuracy(exclusiveOr, exclusiveOr)
    expect(Math.max(ridge, logistic)).toBeLessThanOrEqual(0.75) // three of four at best
  })
})

async function examples(first: number, last: number, factor: number): Promise<Examples> {
  const features: Float32Array[] = []
  const labels: number[] = []
  for (const [index, label] of SAMPLE_LABELS.entries()) {
    for (let number = first; number <= last; number++) {
      features.push(shrunk(samplePixels({ set: 'train', label, number, size: SIZE }, 1), SIZE, factor))
      labels.push(index)
    }
    await setImmediate() // lets the test runner speak
  }
  return { features, labels }
}
