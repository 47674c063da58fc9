import { describe, expect, it } from 'vitest'
import { seededRng } from '../../src/core/random.ts'
import { drawTransform, projectiveRow, warp } from '../../src/images/transform.ts'
import { brighten, mixRows, transformImages } from '../../src/tensorflow/ops/augmentation.ts'
import { tf } from '../../src/tensorflow/raw.ts'

const SIZE = 24
const RANGES = { rotation: 40, shift: 0.2, shear: 10, zoom: 0.2, flip: true }

/** Smooth images of whole numbers, as a photograph is. */
function image(place: number): Uint8Array {
  return Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => {
    const [row, column, channel] = [Math.floor(i / (3 * SIZE)), Math.floor(i / 3) % SIZE, i % 3]
    return 127 + 120 * Math.sin((row * (place + 1) + column * 2 + channel * 5) / 9)
  })
}

describe('transformImages', () => {
  it('warps each image as augment does, but for the rounding to bytes', () => {
    const rng = seededRng(1, 'transforms')
    const images = [0, 1, 2, 3, 4].map(image)
    const transforms = images.map(() => drawTransform(rng, RANGES, SIZE))
    const ours = tf.tidy(() => {
      const batch = tf.tensor4d(Float32Array.from(images.flatMap((each) => [...each])), [5, SIZE, SIZE, 3])
      return transformImages(batch, tf.tensor2d(transforms.map(projectiveRow))).dataSync()
    })
    const warped = images.flatMap((each, i) => [...warp(each, SIZE, transforms[i] as (typeof transforms)[number])])
    const differences = warped.map((value, i) => (ours[i] as number) - value)
    // warp() rounds to the nearest byte; beyond that, 1e-3 of 255.
    expect(Math.max(...differences.map(Math.abs))).toBeLessThan(0.5 + 0.255)
    const unrounded = differences.map((_, i) => Math.round(ours[i] as number) - (warped[i] as number))
    expect(unrounded.filter((difference) => difference !== 0).length).toBeLessThan(0.01 * warped.length)
  })
})

describe('brighten', () => {
  it('multiplies each image with its factor, up to 255', () => {
    const images = tf.tensor4d([100, 200, 100, 200], [2, 1, 2, 1])
    expect([...brighten(images, tf.tensor1d([1.5, 0.5])).dataSync()]).toEqual([150, 255, 50, 100])
  })
})

describe('mixRows', () => {
  it('adds the partner of each row, in the share that is left', () => {
    const rows = tf.tensor2d([
      [1, 0],
      [0, 1],
      [0.5, 0.5],
    ])
    const mixed = mixRows(rows, tf.tensor1d([1, 2, 0], 'int32'), tf.scalar(0.75))
    expect(mixed.arraySync()).toEqual([
      [0.75, 0.25],
      [0.125, 0.875],
      [0.625, 0.375],
    ])
  })

  it('takes the share of each pixel from a mask', () => {
    const images = tf.tensor4d([1, 2, 3, 4], [2, 1, 2, 1])
    const mask = tf.tensor4d([1, 0], [1, 1, 2, 1])
    expect([...mixRows(images, tf.tensor1d([1, 0], 'int32'), mask).dataSync()]).toEqual([1, 4, 3, 2])
  })
})
