import { describe, expect, it } from 'vitest'
import { findFaults, rangeOf } from '../../src/check-data/batch-faults.ts'

/** Four images of two pixels. */
const PIXELS = [0, 90, 180, 255, 10, 20, 30, 40, 200, 100, 0, 50, 7, 77, 177, 77, 9, 8, 99, 98, 97, 1, 2, 3]
const IDS = ['a.png', 'b.png', 'c.png', 'd.png']

describe('findFaults', () => {
  it('finds nothing in images that differ', () => {
    expect(faultsOf(PIXELS, [0, 1, 0, 1])).toEqual([])
  })

  it('names images of one colour', () => {
    expect(faultsOf([...PIXELS.slice(0, 18), 9, 200, 8, 10, 199, 9], [0, 1, 0, 1])).toEqual([
      '1 of 4 images is of one colour: look at augment and at the files (d.png).',
    ])
  })

  it('names equal images with different labels, and lets those with the same label be', () => {
    const twice = [...PIXELS.slice(0, 18), ...PIXELS.slice(0, 6)]
    expect(faultsOf(twice, [0, 1, 0, 1])).toEqual([
      '2 of 4 images are byte for byte the same as others with another label: nothing can tell them apart (a.png, d.png).',
    ])
    expect(faultsOf(twice, [0, 1, 0, 0])).toEqual([])
  })

  it('says when there is one label only', () => {
    expect(faultsOf(PIXELS, [1, 1, 1, 1])).toEqual([expect.stringContaining('All 4 images have the same label')])
  })

  it('says when pixels were scaled before they were packed', () => {
    const scaled = PIXELS.map((pixel) => Math.floor(pixel / 128))
    expect(faultsOf(scaled, [0, 1, 0, 1])).toContainEqual(expect.stringMatching(/^No pixel is above 1, where 0 to 255/))
  })

  it('says when the network scales them twice', () => {
    const values = { least: 0, greatest: 1 / 255 }
    expect(faultsOf(PIXELS, [0, 1, 0, 1], { layer: 'rescaling', values })).toEqual([
      'The layer rescaling leaves values from 0.00 to 0.00392 alone: are pixels scaled twice?',
    ])
    expect(faultsOf(PIXELS, [0, 1, 0, 1], { layer: 'rescaling', values: { least: 0, greatest: 1 } })).toEqual([])
  })
})

describe('rangeOf', () => {
  it('gives the least and the greatest', () => {
    expect(rangeOf([3, -1, 2])).toEqual({ least: -1, greatest: 3 })
  })
})

function faultsOf(
  pixels: readonly number[],
  labels: readonly number[],
  scaled?: Parameters<typeof findFaults>[0]['scaled'],
) {
  return findFaults({ pixels: Uint8Array.from(pixels), labels, ids: IDS, scaled })
}
