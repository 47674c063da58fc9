import { describe, expect, it } from 'vitest'
import { jsonDifference, lineDifference, type ModelFiles, weightsDifference } from '../../src/review/difference.ts'

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

  it('is none between equal bytes', () => {
    expect(weightsDifference(first, model([1, 2, 3, 4, 5, 6, 7, 8]))).toBeUndefined()
  })

  it('names the first layer that differs, by how much, and how many do', () => {
    expect(weightsDifference(first, model([1, 2, 3, 4, 5, 6.5, 9, 8.25]))).toBe(
      'first in head/kernel: 2 of 3 numbers, by 2.00 at most; 2 of 3 arrays in all',
    )
  })

  it('counts a NaN as a difference', () => {
    expect(weightsDifference(first, model([1, 2, 3, 4, 5, 6, 7, Number.NaN]))).toMatch(/^first in head\/bias: 1 of 1/)
  })

  it('says when the layers are others, or bytes are missing', () => {
    expect(weightsDifference(first, model([1, 2, 3, 4, 5, 6, 7], LAYERS.slice(0, 2)))).toBe('other layers')
    expect(weightsDifference(first, model([1, 2, 3, 4, 5, 6, 7, 8, 9]))).toBe('another number of bytes')
  })
})

describe('jsonDifference', () => {
  it('names the first key whose value differs', () => {
    const text = '{"a":{"b":[1,2]},"c":3}'
    expect(jsonDifference(text, '{"a":{"b":[1,4]},"c":5}')).toBe('first at a.b.1: 2, 4')
    expect(jsonDifference(text, '{"a":{"b":[1,2]}}')).toBe('first at c: 3, undefined')
    expect(jsonDifference(text, text)).toBeUndefined()
  })
})

describe('lineDifference', () => {
  it('names the first line that differs', () => {
    expect(lineDifference('a\nb\nc', 'a\nx\nc')).toBe('first in line 2: b; x')
    expect(lineDifference('a\nb', 'a\nb\nc')).toBe('first in line 3: nothing; c')
    expect(lineDifference('a', 'a')).toBeUndefined()
  })
})
