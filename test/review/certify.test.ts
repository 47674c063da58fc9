import { describe, expect, it } from 'vitest'
import { type ModelFiles, weightsDifference } from '../../src/review/certify.ts'

const LAYERS = [
  { name: 'conv/kernel', shape: [2, 2] },
  { name: 'head/kernel', shape: [3] },
  { name: 'head/bias', shape: [1] },
]

function model(numbers: readonly number[], layers: readonly object[] = LAYERS): ModelFiles {
  const weights = new Uint8Array(Float32Array.from(numbers).buffer)
  return { topology: JSON.stringify({ weightsManifest: [{ weights: layers }] }), weights }
}

describe('weightsDifference', () => {
  const first = model([1, 2, 3, 4, 5, 6, 7, 8])

  it('is undefined for equal bytes', () => {
    expect(weightsDifference(first, model([1, 2, 3, 4, 5, 6, 7, 8]))).toBeUndefined()
  })

  it('names the first differing tensor, by how much it differs, and how many do', () => {
    expect(weightsDifference(first, model([1, 2, 3, 4, 5, 6.5, 9, 8.25]))).toBe(
      'first in head/kernel: 2 of 3 numbers, by 2.00 at most; 2 of 3 tensors differ',
    )
  })

  it('counts a NaN as a difference', () => {
    expect(weightsDifference(first, model([1, 2, 3, 4, 5, 6, 7, Number.NaN]))).toMatch(/^first in head\/bias: 1 of 1/)
  })

  it('reports other layers and missing bytes', () => {
    expect(weightsDifference(first, model([1, 2, 3, 4, 5, 6, 7], LAYERS.slice(0, 2)))).toBe('the layers differ')
    expect(weightsDifference(first, model([1, 2, 3, 4, 5, 6, 7, 8, 9]))).toBe('the number of bytes differs')
  })
})
