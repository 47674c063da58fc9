import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { seededRng } from '../../src/core/random.ts'
import {
  type AffineTransform,
  affineTransform,
  drawTransform,
  projectiveRow,
  type TransformParameters,
  type TransformRanges,
  warp,
} from '../../src/images/transform.ts'

interface Golden {
  readonly size: number
  readonly parameters: TransformParameters
  readonly unflippedMatrix: number[]
  readonly warped: number[]
}

/** From Keras and SciPy by test/fixtures/transform.py. */
const golden = JSON.parse(readFileSync('test/fixtures/transform.json', 'utf8')) as Golden[]

const STUDY: TransformRanges = { rotation: 40, shift: 0.2, shear: 0.2, zoom: 0.2, flip: true }
const IDENTITY: AffineTransform = { xx: 1, xy: 0, x0: 0, yx: 0, yy: 1, y0: 0 }

describe('affineTransform', () => {
  it.each(golden)('gives the matrix that Keras builds for $parameters at $size px', (row) => {
    const { xx, xy, x0, yx, yy, y0 } = affineTransform({ ...row.parameters, flip: false }, row.size)
    ;[xx, xy, x0, yx, yy, y0].forEach((value, place) => {
      expect(value).toBeCloseTo(row.unflippedMatrix[place] as number, 10)
    })
  })

  it('leaves everything in its place when nothing is asked for', () => {
    const parameters = { rotation: 0, shiftX: 0, shiftY: 0, shear: 0, zoomX: 1, zoomY: 1, flip: false }
    const { xx, xy, x0, yx, yy, y0 } = affineTransform(parameters, 7)
    expect([xx, xy + 0, x0, yx, yy, y0]).toEqual([1, 0, 0, 0, 1, 0])
  })
})

describe('warp', () => {
  it.each(golden)('gives the pixels of Keras and SciPy for $parameters at $size px, rounded', (row) => {
    const { size } = row
    const warped = warp(image(size), size, affineTransform(row.parameters, size))
    const distances = row.warped.map((value, place) => Math.abs(value - (warped[place] as number)))
    expect(warped.length).toBe(row.warped.length)
    expect(Math.max(...distances)).toBeLessThanOrEqual(0.5 + 1e-4)
  })

  it('mixes four pixels by their distance and rounds a half up', () => {
    const pixels = Uint8Array.from([0, 10, 255, 100, 20, 255, 50, 30, 255, 151, 40, 255])
    // every pixel comes from the middle of the four: (0 + 100 + 50 + 151) / 4 = 75.25, (10 + 20 + 30 + 40) / 4 = 25, 255
    const middle = { xx: 0, xy: 0, x0: 0.5, yx: 0, yy: 0, y0: 0.5 }
    expect([...warp(pixels, 2, middle).subarray(0, 3)]).toEqual([75, 25, 255])
    // (0 + 100) / 2 = 50, (10 + 20) / 2 = 15, and a half: (50 + 151) / 2 = 100.5
    expect([...warp(pixels, 2, { ...middle, y0: 0 }).subarray(0, 2)]).toEqual([50, 15])
    expect(warp(pixels, 2, { ...middle, y0: 1 })[0]).toBe(101)
  })

  it('repeats the nearest pixel outside of the image', () => {
    const pixels = image(4)
    const far = warp(pixels, 4, { ...IDENTITY, x0: -100, y0: 100 })
    const corner = [...pixels.subarray(3 * 4 * 3, 3 * 4 * 3 + 3)] // row 3, column 0
    expect([...far]).toEqual(Array.from({ length: 16 }, () => corner).flat())
  })

  it('leaves its argument alone and keeps every byte under the identity', () => {
    const pixels = image(8)
    expect(warp(pixels, 8, IDENTITY)).toEqual(pixels)
    expect(pixels).toEqual(image(8))
  })
})

describe('drawTransform', () => {
  const fixed = (value: number) => () => value

  it('takes the middle of every range for numbers of one half', () => {
    expect(drawTransform(fixed(0.5), STUDY, 10)).toEqual({ xx: 1, xy: -0, x0: 0, yx: 0, yy: 1, y0: 0 })
  })

  it('takes the lower ends, and flips, for zeros', () => {
    // rotation -40, shifts -0.2 * 10 px, shear -0.2 degrees, zoom 0.8
    const lowest = {
      rotation: -40,
      shiftX: -2,
      shiftY: -2,
      shear: -0.2,
      zoomX: 0.8,
      zoomY: 0.8,
      flip: true,
      online: null,
    }
    expect(drawTransform(fixed(0), STUDY, 10)).toEqual(affineTransform(lowest, 10))
  })

  it('never flips when that is turned off, and keeps all other numbers', () => {
    const draw = (flip: boolean) => {
      const numbers = [0.3, 0.6, 0.2, 0.9, 0.1, 0.8, 0].values()
      return drawTransform(() => numbers.next().value ?? Number.NaN, { ...STUDY, flip }, 32)
    }
    const pixels = image(32)
    expect(warp(pixels, 32, draw(false))).toEqual(mirrored(warp(pixels, 32, draw(true)), 32))
  })

  it('flips about half of the images and stays in its ranges', () => {
    const still: TransformRanges = { rotation: 0, shift: 0, shear: 0, zoom: 0.2, flip: true }
    const zooms = Array.from({ length: 2000 }, (_, draw) => drawTransform(seededRng(1, draw), still, 32).xx)
    const flipped = zooms.filter((zoom) => zoom < 0).length
    expect(flipped).toBeGreaterThan(900) // 1,000 within 4.5 standard deviations of sqrt(2000) / 2 = 22
    expect(flipped).toBeLessThan(1100)
    expect(Math.min(...zooms.map(Math.abs))).toBeGreaterThanOrEqual(0.8)
    expect(Math.max(...zooms.map(Math.abs))).toBeLessThanOrEqual(1.2)
  })
})

describe('projectiveRow', () => {
  it('gives a row of the matrix after the other and no perspective', () => {
    expect(projectiveRow({ xx: 1, xy: 2, x0: 3, yx: 4, yy: 5, y0: 6 })).toEqual([1, 2, 3, 4, 5, 6, 0, 0])
  })
})

/** As in test/fixtures/transform.py. */
function image(size: number): Uint8Array {
  const pixels = new Uint8Array(size * size * 3)
  return pixels.map((_, place) => {
    const row = Math.floor(place / (size * 3))
    const column = Math.floor(place / 3) % size
    return (row * 31 + column * 17 + (place % 3) * 71 + row * column * 5) % 256
  })
}

function mirrored(pixels: Uint8Array, size: number): Uint8Array {
  return pixels.map((_, place) => {
    const pixel = Math.floor(place / 3)
    const column = pixel % size
    return pixels[(pixel - column + (size - 1 - column)) * 3 + (place % 3)] as number
  })
}
