import { describe, expect, it } from 'vitest'
import { integer, seededRng } from '../../src/core/random.ts'
import { hammingDistance, type PerceptualHash } from '../../src/fetch/fingerprint.ts'
import { openHammingIndex, RADIUS } from '../../src/fetch/hamming-index.ts'

const rng = seededRng(1, 'hamming')
const random = (): PerceptualHash => [integer(rng, 0, 2 ** 32 - 1), integer(rng, 0, 2 ** 32 - 1)]

function flipped(hash: PerceptualHash, bits: number): PerceptualHash {
  const places = Array.from({ length: 64 }, (_, bit) => ({ bit, order: rng() })).sort((a, b) => a.order - b.order)
  const words: [number, number] = [...hash]
  for (const { bit } of places.slice(0, bits)) words[bit >> 5] = (Number(words[bit >> 5]) ^ (1 << (bit & 31))) >>> 0
  return words
}

describe('hammingDistance', () => {
  it('counts differing bits', () => {
    expect(hammingDistance([0, 0], [0xffffffff, 0xffffffff])).toBe(64)
    expect(hammingDistance([0b1011, 1], [0b0001, 0x80000001])).toBe(3)
  })
})

describe('openHammingIndex', () => {
  it('finds what a look at every hash finds', () => {
    const hashes = Array.from({ length: 300 }, random).flatMap((hash) => [
      [hash],
      ...Array.from({ length: 16 }, (_, bits) => [flipped(hash, bits), random()]),
    ])
    const index = openHammingIndex(hashes)
    for (const [first] of hashes.slice(0, 200)) {
      const wanted = first as PerceptualHash
      const near = hashes.flatMap((own, owner) =>
        own.some((hash) => hammingDistance(hash, wanted) <= RADIUS) ? [owner] : [],
      )
      expect([...index.find(wanted)].sort((a, b) => a - b)).toEqual(near)
    }
  })

  it('finds a hash at the radius, and none beyond it', () => {
    const hash = random()
    const index = openHammingIndex([[flipped(hash, RADIUS)], [flipped(hash, RADIUS + 1)]])
    expect([...index.find(hash)]).toEqual([0])
  })
})
