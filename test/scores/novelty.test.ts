import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { limitOf, type Novelty, openDistances, openNovelty, quantized } from '../../src/scores/novelty.ts'

/** What test/fixtures/novelty.py wrote. */
const golden = JSON.parse(readFileSync('test/fixtures/novelty.json', 'utf8')) as Record<
  'references' | 'images' | 'stored' | 'distances' | 'nearest',
  number[][]
>
const images = golden.images.map((row) => Float32Array.from(row))
const novelty: Novelty = {
  ...{ layer: 'dense', width: 4, references: [2, 3, 4], neighbours: 3, limit: null, outcome: 'switched off' },
  rows: quantized(Float32Array.from(golden.references.flat()), 4),
}
const CLASSES = ['cat', '__proto__', 'horse']

describe('quantized', () => {
  it('rounds as NumPy does', () => {
    expect([...novelty.rows]).toEqual(golden.stored.flat())
  })

  it('keeps a row of zeros', () => {
    expect([...quantized(new Float32Array([0, 0, 1, -2]), 2)]).toEqual([0, 0, 64, -127]) // 63.5, rounded
  })
})

describe('openDistances', () => {
  it('measures as SciPy does', () => {
    const distancesOf = openDistances(novelty)
    images.forEach((features, i) => {
      for (const [row, distance] of distancesOf(features).entries()) {
        expect(distance).toBeCloseTo(golden.distances[i]?.[row] ?? Number.NaN, 12)
      }
    })
  })

  it('takes zeros for unlike everything', () => {
    expect([...openDistances({ rows: new Int8Array([0, 0, 3, 4]), width: 2 })(new Float32Array([3, 4]))]).toEqual([
      1, 0,
    ])
    expect([...openDistances({ rows: new Int8Array([3, 4]), width: 2 })(new Float32Array(2))]).toEqual([1])
  })
})

describe('openNovelty', () => {
  it('gives the distance to the third nearest, and the classes of the three', () => {
    images.forEach((features, i) => {
      const { distance, nearest, refused } = openNovelty(novelty, CLASSES)(features)
      const rows = golden.nearest[i] ?? []
      expect(distance).toBeCloseTo(golden.distances[i]?.[rows[2] ?? -1] ?? Number.NaN, 12)
      const counts = [0, 1, 2].map((place) => rows.filter((row) => [0, 0, 1, 1, 1, 2, 2, 2, 2][row] === place).length)
      expect(CLASSES.map((name) => (Object.hasOwn(nearest, name) ? nearest[name] : 0))).toEqual(counts)
      expect(refused).toBe(false)
    })
  })

  it('refuses what lies beyond the limit, and what cannot be measured', () => {
    const [features = new Float32Array(4)] = images
    const { distance } = openNovelty(novelty, CLASSES)(features)
    const isRefused = (limit: number, given = features) => openNovelty({ ...novelty, limit }, CLASSES)(given).refused
    expect(isRefused(distance)).toBe(false)
    expect(isRefused(distance - 1e-9)).toBe(true)
    expect(isRefused(2, new Float32Array([Number.NaN, 0, 0, 1]))).toBe(true)
  })
})

describe('limitOf', () => {
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => (n - i) / 100)

  it('leaves so many of the images beyond that the rate holds for another one', () => {
    // (19 + 1) · 0.05 = 1: the largest; (39 + 1) · 0.05 = 2: the second largest; (90 + 1) · 0.05 = 4.55: the fourth largest
    expect(limitOf(upTo(19), 0.05)).toEqual({ limit: 0.19, outcome: 'limit found' })
    expect(limitOf(upTo(39), 0.05).limit).toBe(0.38)
    expect(limitOf(upTo(90), 0.05).limit).toBe(0.87)
  })

  it('rounds up', () => {
    expect(limitOf([0.1234501, 0.1], 0.4).limit).toBe(0.12346)
  })

  it('finds none in too few images, and where it is switched off', () => {
    expect(limitOf(upTo(18), 0.05)).toEqual({ limit: null, outcome: 'too few validation images' })
    expect(limitOf([], 0.5)).toEqual({ limit: null, outcome: 'too few validation images' })
    expect(limitOf(upTo(90), null)).toEqual({ limit: null, outcome: 'switched off' })
  })
})
