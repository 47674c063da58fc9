import { describe, expect, it } from 'vitest'
import type { Images } from '../../src/batches/batches.ts'
import { chooseReferences, measureNovelty, type SeenImage } from '../../src/evaluate/novelty.ts'

const CLASSES = ['cat', 'dog', 'horse']

/** Features `[C]` of each image, of the class in `labels`; variants of them follow. */
function examplesOf(features: readonly (readonly number[])[], labels: readonly number[], variants = 1): Images {
  return {
    count: features.length / variants,
    variants,
    inputShape: [features[0]?.length ?? 0],
    labels: Int32Array.from(labels),
    ids: labels.map((_, row) => `${row}`),
    read: async (rows) => Float32Array.from(rows.flatMap((row) => features[row] ?? [])),
    digest: async () => 'digest',
    close: async () => {},
  }
}

describe('chooseReferences', () => {
  it('takes as many of each class as 2,000 allow, evenly spaced, and no variants', async () => {
    const labels = [1000, 700, 5].flatMap((count, place) => Array<number>(count).fill(place))
    const both = [...labels, ...labels] // the plain images, then their variants
    const images = examplesOf(
      both.map((_, row) => [row]),
      both,
      2,
    )
    const chosen = chooseReferences(images, 3)
    expect(CLASSES.map((_, place) => chosen.labels.filter((label) => label === place).length)).toEqual([666, 666, 5])
    const rows = [...(await chosen.read([...Array(chosen.count).keys()]))]
    // every 1000/666th of the first class: 0, 1.5, 3.003, …; every 700/666th of the second
    expect(rows.slice(0, 4)).toEqual([0, 1, 3, 4])
    expect(rows.slice(666, 669)).toEqual([1000, 1001, 1002])
    expect(rows.slice(-5)).toEqual([1700, 1701, 1702, 1703, 1704])
    expect(await chosen.digest()).not.toBe(await chooseReferences(images, 2).digest())
  })
})

describe('measureNovelty', () => {
  /** Cats along the first axis, dogs and horses both along the second. */
  const axes = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 1, 0],
  ]
  /** An image whose cosine distance to its class is 1 - cos(angle). */
  const seen = (part: SeenImage['part'], place: number, angle: number): SeenImage => {
    const axis = axes[place] ?? []
    const features = axis.map((value, i) => (i === 2 ? Math.sin(angle) : value * Math.cos(angle)))
    return { part, label: CLASSES[place] ?? '', features: Float32Array.from(features) }
  }
  /** 21 images of validation at 0.01 to 0.21, of test one that is near and one that is far. */
  const images = [
    ...Array.from({ length: 21 }, (_, i) => seen('validation', i % 3, (i + 1) / 100)),
    seen('test', 0, 0.1),
    seen('test', 1, 0.5),
  ]
  const options = { classes: CLASSES, layer: 'features', rate: 0.1, isFrozen: true }
  const references = examplesOf(axes, [0, 1, 2])

  it('finds the limit on validation, and counts the images of each part that lie beyond', async () => {
    const { stored, metrics } = await measureNovelty(references, images, options)
    // floor(22 * 0.1) = 2: the second largest of 21, 1 - cos(0.20) = 0.019933, rounded up
    expect(stored).toMatchObject({ limit: 0.01994, neighbours: 1, references: [1, 1, 1], layer: 'features', width: 3 })
    expect([...stored.rows]).toEqual(axes.flat().map((value) => 127 * value))
    expect(metrics).toMatchObject({ false_refusals: 0.1, references: 3, neighbours: 1, limit: 0.01994 })
    expect(metrics.refused).toEqual({
      validation: { refused: 1, images: 21 },
      holdout: { refused: 0, images: 0 },
      test: { refused: 1, images: 2 },
    })
  })

  it('leaves each class out in turn: a class like no other is refused, one like another is not', async () => {
    const { metrics } = await measureNovelty(references, images, options)
    // Without horses the limit is that of 14 cats and dogs, floor(15 * 0.1) = 1: 1 - cos(0.20); one horse is at 0.21.
    // Without dogs it is 1 - cos(0.21), of a horse; the dog at 0.5 lies beyond. Cats are at 1 from both others.
    expect(metrics.left_out).toEqual(
      new Map([
        ['cat', { refused: 8, images: 8 }],
        ['dog', { refused: 1, images: 8 }],
        ['horse', { refused: 1, images: 7 }],
      ]),
    )
  })

  it('says nothing about left-out classes that the network was trained on, or where too few others remain', async () => {
    const trained = await measureNovelty(references, images, { ...options, isFrozen: false })
    expect(trained.metrics.left_out).toBeNull()
    const few = await measureNovelty(references, images, { ...options, rate: 0.05 }) // 21 + 1 images suffice, 14 + 1 do not
    expect(few.metrics).toMatchObject({ outcome: 'limit found', left_out: null })
  })

  it('refuses nothing where validation has too few images, or it is switched off', async () => {
    const few = await measureNovelty(references, images, { ...options, rate: 0.04 })
    expect(few.metrics).toMatchObject({ limit: null, outcome: 'too few validation images', left_out: null })
    expect(few.metrics.refused.test).toEqual({ refused: 0, images: 2 })
    const off = await measureNovelty(references, images, { ...options, rate: null })
    expect(off.metrics).toMatchObject({ limit: null, outcome: 'switched off' })
  })

  it('counts the neighbour that the smallest class has, at most the tenth', async () => {
    const labels = [12, 11, 4].flatMap((count, place) => Array<number>(count).fill(place))
    const many = examplesOf(
      labels.map((label) => axes[label] ?? []),
      labels,
    )
    expect((await measureNovelty(many, images, options)).stored.neighbours).toBe(4)
    const more = examplesOf(
      [...labels, ...labels, ...labels].sort().map((label) => axes[label] ?? []),
      [...labels, ...labels, ...labels].sort(),
    )
    expect((await measureNovelty(more, images, options)).stored.neighbours).toBe(10)
  })
})
