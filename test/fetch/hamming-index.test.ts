import { describe, expect, it } from 'vitest'
import { integer, seededRng } from '../../src/core/random.ts'
import { type Fingerprint, hammingDistance, hashOf, type PerceptualHash, WINDOWS } from '../../src/fetch/fingerprint.ts'
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

/** A fingerprint with one hash of ours, and windows that are far from everything. */
function fingerprintWith(...hashes: PerceptualHash[]): Fingerprint {
  return Uint32Array.from(WINDOWS.flatMap((_, window) => [...(hashes[window] ?? random())]))
}

describe('openHammingIndex', () => {
  it('finds what a look at every hash finds, the nearest first', () => {
    const fingerprints = Array.from({ length: 200 }, random).flatMap((hash) => [
      fingerprintWith(hash),
      ...Array.from({ length: 16 }, (_, bits) => fingerprintWith(random(), flipped(hash, bits))),
    ])
    const index = openHammingIndex(fingerprints)
    for (const [place, fingerprint] of fingerprints.slice(0, 200).entries()) {
      const wanted = hashOf(fingerprint)
      const near = fingerprints.flatMap((own, owner) => {
        const distances = WINDOWS.map((_, window) => hammingDistance(hashOf(own, window), wanted))
        const distance = Math.min(...distances)
        return distance <= RADIUS ? [{ owner, window: distances.indexOf(distance), distance }] : []
      })
      expect(index.find(wanted, place)).toEqual(near.sort((a, b) => a.distance - b.distance))
    }
  })

  it('finds a hash at the radius, and none beyond it', () => {
    const hash = random()
    const index = openHammingIndex([fingerprintWith(flipped(hash, RADIUS)), fingerprintWith(flipped(hash, RADIUS + 1))])
    expect(index.find(hash, 0)).toEqual([{ owner: 0, window: 0, distance: RADIUS }])
  })
})
