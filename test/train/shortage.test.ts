import { describe, expect, it } from 'vitest'
import { describeShortage } from '../../src/train/shortage.ts'

describe('describeShortage', () => {
  it('names the classes below 5,000 images from zero and below 1,000 for fine-tuning, the smallest first', () => {
    const images = { cat: 4999, dog: 240, horse: 5000 }
    expect(describeShortage('zero', images)).toBe(
      'fewer images than the 5,000 a class that training from zero wants: dog 240, cat 4,999',
    )
    expect(describeShortage('fine-tune', images)).toBe(
      'fewer images than the 1,000 a class that fine-tuning wants: dog 240',
    )
    expect(describeShortage('fine-tune', { cat: 1000 })).toBeUndefined()
  })

  it('says nothing of transfer, which takes any number', () => {
    expect(describeShortage('transfer', { cat: 1 })).toBeUndefined()
  })

  it('names five classes and counts the others', () => {
    const images = Object.fromEntries([...'abcdefg'].map((name) => [name, 1]))
    expect(describeShortage('zero', images)).toContain(': a 1, b 1, c 1, d 1, e 1, and 2 more')
  })
})
