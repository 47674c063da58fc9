import { describe, expect, it } from 'vitest'
import { drawOnline } from '../../src/train/online.ts'
import type { OnlineAugment } from '../../src/train/params.ts'

const AUGMENT: OnlineAugment = {
  rotation: 40,
  shift: 0.2,
  shear: 0.2,
  zoom: 0.2,
  flip: true,
  brightness: 0.2,
  mixup: 0,
  cutmix: 0,
}
const SHAPE = { count: 6, size: 20 }

const draw = (step: number, given: Partial<OnlineAugment> = {}, seed = 1) =>
  drawOnline({ ...AUGMENT, ...given }, { seed, step }, SHAPE)
const manySteps = [...Array(400).keys()]
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('drawOnline', () => {
  it('draws a transform and a brightness for each image, others in each step and for each seed', () => {
    const { transforms, brightness, mix } = draw(1)
    expect(transforms).toHaveLength(6 * 8)
    expect(new Set(brightness).size).toBe(6)
    expect(Math.min(...brightness)).toBeGreaterThanOrEqual(Math.fround(0.8))
    expect(Math.max(...brightness)).toBeLessThan(1.2)
    expect(mix).toBeUndefined()
    expect(draw(1)).toEqual(draw(1))
    expect(draw(2).transforms).not.toEqual(transforms)
    expect(draw(1, {}, 2).transforms).not.toEqual(transforms)
  })

  it('leaves images alone where every range is 0', () => {
    const still = { rotation: 0, shift: 0, shear: 0, zoom: 0, flip: false, brightness: 0 }
    const { transforms, brightness } = draw(1, still)
    expect([...transforms.subarray(0, 8)].map((value) => value + 0)).toEqual([1, 0, 0, 0, 1, 0, 0, 0])
    expect([...brightness]).toEqual([1, 1, 1, 1, 1, 1])
  })

  it('mixes evenly for MixUp, in shares of Beta(alpha, alpha)', () => {
    const mixes = manySteps.map((step) => draw(step, { mixup: 2 }).mix)
    for (const mix of mixes) {
      expect([...(mix?.partners ?? [])].sort()).toEqual([0, 1, 2, 3, 4, 5])
      expect(new Set(mix?.mask).size).toBe(1)
      expect(mix?.share).toBeCloseTo(mix?.mask[0] as number, 6)
    }
    // Beta(2, 2) has the mean 1/2 and the variance 1/20.
    const shares = mixes.map((mix) => mix?.share ?? Number.NaN)
    expect(mean(shares)).toBeCloseTo(0.5, 1)
    expect(mean(shares.map((share) => (share - 0.5) ** 2))).toBeCloseTo(0.05, 2)
    expect(draw(1, { mixup: 0.1 }).mix?.share).toBeGreaterThanOrEqual(0)
  })

  it('cuts a rectangle out for CutMix, and the share is what is left', () => {
    for (const step of manySteps.slice(0, 50)) {
      const { mask, share } = draw(step, { cutmix: 1 }).mix ?? { mask: new Float32Array(0), share: Number.NaN }
      const holes = [...mask.keys()].filter((place) => mask[place] === 0)
      const rows = new Set(holes.map((place) => Math.floor(place / SHAPE.size)))
      const columns = new Set(holes.map((place) => place % SHAPE.size))
      expect(holes).toHaveLength(rows.size * columns.size)
      expect(share).toBeCloseTo(1 - holes.length / mask.length, 10)
    }
  })

  it('takes one of the two in each step where both are on', () => {
    const kinds = manySteps.map((step) => new Set(draw(step, { mixup: 1, cutmix: 1 }).mix?.mask).size)
    expect(mean(kinds.map((kind) => (kind === 1 ? 1 : 0)))).toBeCloseTo(0.5, 0)
    expect(new Set(kinds)).toEqual(new Set([1, 2]))
  })
})
