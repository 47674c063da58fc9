import type { Frame } from '../images/resize.ts'
import type { Placement } from './align.ts'

/** Side of the small grey image that is compared with others. */
export const THUMBNAIL = 64

/**
 * 64 bits, mostly the same for an image and its changed copies: `[bits 0 to 31, bits 32 to 63]`, unsigned.
 *
 * The signs of the low frequencies, the constant one left out.
 * Source: pHash's DCT hash (Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010).
 */
export type PerceptualHash = readonly [number, number]

/** Finds duplicates, whatever the size and format of an image: the hash of each of `WINDOWS`, two words each; 200 bytes. */
export type Fingerprint = Uint32Array

/** A part of an image that may be the whole of another one, such as a copy without its edges, caption or bars. */
interface Window {
  /** Shares of the sides that are cropped. */
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly degrees: number
}

/** Ways to crop one axis at its start and its end: by a little, by a tenth, by a caption, by letterbox bars. */
const CUTS = [
  [0, 0],
  [0.05, 0],
  [0, 0.05],
  [0.05, 0.05],
  [0.1, 0.1],
  [0.125, 0],
  [0, 0.125],
  [0.12, 0.12],
] as const
const [WHOLE, LITTLE, TENTH, START, END, BARS] = [0, 4, 4, 5, 6, 7] as const
/** Which cuts go together, `[across, down]`: each little one with each other, the rest as they come in practice. */
const PAIRED: readonly (readonly [number, number])[] = [
  ...Array.from({ length: LITTLE ** 2 }, (_, at) => [at % LITTLE, Math.floor(at / LITTLE)] as const),
  [TENTH, TENTH],
  ...[START, END, BARS].flatMap((cut) => [[cut, WHOLE] as const, [WHOLE, cut] as const]),
]
/** A turned image shows a little less than the whole. */
const TURNED = [-2.2, 2.2].map((degrees) => ({ left: 0.02, top: 0.02, right: 0.02, bottom: 0.02, degrees }))

/** The place of each window in the image; the whole image is the first. */
export const WINDOWS: readonly Placement[] = [
  ...PAIRED.map(([across, down]) => {
    const [[left, right], [top, bottom]] = [CUTS[across] ?? CUTS[WHOLE], CUTS[down] ?? CUTS[WHOLE]]
    return placementOf({ left, top, right, bottom, degrees: 0 })
  }),
  ...TURNED.map(placementOf),
]

function placementOf({ left, top, right, bottom, degrees }: Window): Placement {
  const [cos, sin] = [Math.cos((Math.PI * degrees) / 180), Math.sin((Math.PI * degrees) / 180)]
  const [width, height] = [1 - left - right, 1 - top - bottom]
  return { xx: width * cos, xy: -width * sin, x: left - right, yx: height * sin, yy: height * cos, y: top - bottom }
}

/** Frequencies along an axis: those that a hash has bits for, and those kept of the whole image, from which the windows' are made. */
const BLOCK = 8
const KEPT = 12
/** Side of the image whose frequencies are taken. */
const SIDE = 32
/** Samples of a window along an axis. */
const SAMPLES = 16

/** The fingerprint of a small grey image `[64, 64]`. */
export function fingerprintOf(thumbnail: Uint8Array): Fingerprint {
  const frequencies = product(LOW, product(LOW, halved(thumbnail), SIDE), SIDE) // [12 down, 12 across]
  frequencies[0] = 0 // brightness would leak into the windows' frequencies
  const across = CUT_BASES.map((basis) => product(basis, frequencies, KEPT)) // [8 across, 12 down] each
  const result = new Uint32Array(2 * WINDOWS.length)
  for (const [window, [x, y]] of PAIRED.entries()) {
    writeSigns(product(CUT_BASES[y] as Float64Array, across[x] as Float64Array, KEPT), result, window)
  }
  for (const [turn, matrix] of TURNED_MATRICES.entries()) {
    writeSigns(product(frequencies, matrix, KEPT ** 2), result, PAIRED.length + turn)
  }
  return result
}

/** The hash of a window, by default of the whole image. */
export function hashOf(fingerprint: Fingerprint, window = 0): PerceptualHash {
  return [fingerprint[2 * window] as number, fingerprint[2 * window + 1] as number]
}

/** The hash of the mirror image: the odd frequencies across have the other sign. */
export function mirrored([low, high]: PerceptualHash): PerceptualHash {
  return [(low ^ 0xaaaaaaaa) >>> 0, (high ^ 0xaaaaaaaa) >>> 0]
}

/** The number of bits in which two hashes differ, 0 to 64. */
export function hammingDistance(a: PerceptualHash, b: PerceptualHash): number {
  return countBits(a[0] ^ b[0], a[1] ^ b[1])
}

/** The number of ones among two words of 32 bits. */
export function countBits(low: number, high: number): number {
  const a = low - ((low >>> 1) & 0x55555555)
  const b = high - ((high >>> 1) & 0x55555555)
  const nibbles = (a & 0x33333333) + ((a >>> 2) & 0x33333333) + (b & 0x33333333) + ((b >>> 2) & 0x33333333) // up to 8 in each
  return Math.imul((nibbles & 0x0f0f0f0f) + ((nibbles >>> 4) & 0x0f0f0f0f), 0x01010101) >>> 24
}

/** Brightness (ITU-R BT.601) of an image squashed to `[64, 64]`, each pixel the mean of the area that it covers. */
export function thumbnailOf({ pixels, width, height }: Frame): Uint8Array {
  const columns = sharesOf(width)
  const rows = sharesOf(height)
  const sums = SUMS.fill(0)
  const line = new Float64Array(THUMBNAIL + 1)
  for (let y = 0, at = 0; y < height; y++) {
    line.fill(0)
    for (let x = 0; x < width; x++, at += 3) {
      const red = pixels[at] as number
      const grey = 0.299 * red + 0.587 * (pixels[at + 1] as number) + 0.114 * (pixels[at + 2] as number)
      const first = columns.first[x] as number
      line[first] = (line[first] as number) + grey * (columns.toFirst[x] as number)
      line[first + 1] = (line[first + 1] as number) + grey * (columns.toNext[x] as number)
    }
    const toFirst = rows.toFirst[y] as number
    const toNext = rows.toNext[y] as number
    const start = (rows.first[y] as number) * THUMBNAIL
    for (let x = 0; x < THUMBNAIL; x++) {
      const value = line[x] as number
      sums[start + x] = (sums[start + x] as number) + value * toFirst
      sums[start + THUMBNAIL + x] = (sums[start + THUMBNAIL + x] as number) + value * toNext
    }
  }
  const result = new Uint8Array(THUMBNAIL * THUMBNAIL)
  for (let at = 0; at < result.length; at++) result[at] = Math.round(sums[at] as number)
  return result
}

/** Of a thumbnail, and one row more, to which the last one adds nothing; one for all images spares the garbage collector. */
const SUMS = new Float64Array(THUMBNAIL * THUMBNAIL + THUMBNAIL)

/** Of each pixel along a side: the first of the 64 pixels that it overlaps, and its share of that and of the next. */
interface Shares {
  readonly first: Int32Array
  readonly toFirst: Float64Array
  readonly toNext: Float64Array
}

/** The shares of `length` pixels, 64 or more. */
function sharesOf(length: number): Shares {
  const known = SHARES.get(length)
  if (known) return known
  const step = THUMBNAIL / length
  const first = Int32Array.from({ length }, (_, place) => Math.min(Math.floor(place * step), THUMBNAIL - 1))
  const toFirst = Float64Array.from(first, (pixel, place) => Math.min(pixel + 1 - place * step, step))
  const shares = { first, toFirst, toNext: toFirst.map((share) => step - share) }
  SHARES.set(length, shares)
  return shares
}

/** By length: most images of a data set have one of few. */
const SHARES = new Map<number, Shares>()

/** By sums of four: `[64, 64]` to `[32, 32]`. */
function halved(grey: Uint8Array): Float64Array {
  const result = new Float64Array(SIDE * SIDE)
  for (let y = 0, place = 0; y < THUMBNAIL; y += 2) {
    for (let at = y * THUMBNAIL; at < (y + 1) * THUMBNAIL; at += 2, place++) {
      const above = (grey[at] as number) + (grey[at + 1] as number)
      result[place] = above + (grey[at + THUMBNAIL] as number) + (grey[at + THUMBNAIL + 1] as number)
    }
  }
  return result
}

/** The low frequencies (DCT-II) of an axis, `[12, 32]`. */
const LOW = Float64Array.from({ length: KEPT * SIDE }, (_, at) => {
  const [frequency, pixel] = [Math.floor(at / SIDE), at % SIDE]
  return Math.cos((Math.PI * frequency * (2 * pixel + 1)) / (2 * SIDE))
})

/** Matrices `[8, 12]` from the kept frequencies of a whole axis to those of the cropped axis, one for each of `CUTS`. */
const CUT_BASES: readonly Float64Array[] = CUTS.map(([start, end]) => {
  const basis = new Float64Array(BLOCK * KEPT)
  for (let sample = 0.5; sample < SAMPLES; sample++) {
    const waves = wavesAt(start + (sample / SAMPLES) * (1 - start - end))
    for (const [frequency, cosine] of cosinesAt(sample / SAMPLES, BLOCK).entries()) {
      for (const [kept, wave] of waves.entries()) {
        basis[frequency * KEPT + kept] = (basis[frequency * KEPT + kept] as number) + cosine * wave
      }
    }
  }
  return basis
})

/** The same for turned windows, `[64, 144]` each: both axes at once, from 16 by 16 samples. */
const TURNED_MATRICES = TURNED.map(placementOf).map(({ xx, xy, x, yx, yy, y }) => {
  const kept = new Float64Array(KEPT ** 2 * SAMPLES ** 2)
  const taken = new Float64Array(BLOCK ** 2 * SAMPLES ** 2)
  for (let sample = 0; sample < SAMPLES ** 2; sample++) {
    const [across, down] = [(sample % SAMPLES) + 0.5, Math.floor(sample / SAMPLES) + 0.5]
    const [u, v] = [(2 * across) / SAMPLES - 1, (2 * down) / SAMPLES - 1]
    const wavesX = wavesAt((xx * u + xy * v + x + 1) / 2)
    const wavesY = wavesAt((yx * u + yy * v + y + 1) / 2)
    for (let at = 0; at < KEPT ** 2; at++) {
      kept[at * SAMPLES ** 2 + sample] = (wavesX[at % KEPT] as number) * (wavesY[Math.floor(at / KEPT)] as number)
    }
    const [cosinesX, cosinesY] = [cosinesAt(across / SAMPLES, BLOCK), cosinesAt(down / SAMPLES, BLOCK)]
    for (let bit = 0; bit < BLOCK ** 2; bit++) {
      const value = (cosinesX[bit % BLOCK] as number) * (cosinesY[Math.floor(bit / BLOCK)] as number)
      taken[bit * SAMPLES ** 2 + sample] = value
    }
  }
  return product(taken, kept, SAMPLES ** 2)
})

/** The share of each kept frequency in the value at a place of an axis, from 0 to 1. */
function wavesAt(place: number): number[] {
  return cosinesAt(place, KEPT).map((cosine, frequency) => (frequency === 0 ? cosine : 2 * cosine))
}

function cosinesAt(place: number, count: number): number[] {
  return Array.from({ length: count }, (_, frequency) => Math.cos(Math.PI * frequency * place))
}

/** The product of a matrix `[N, K]` and a transposed one, `[M, K]`, with an even M. */
function product(a: Float64Array, b: Float64Array, inner: number): Float64Array {
  const result = new Float64Array((a.length * b.length) / inner ** 2)
  let place = 0
  for (let row = 0; row < a.length; row += inner) {
    for (let column = 0; column < b.length; column += 2 * inner) {
      // Two columns and two sums each, since each addition waits for the one before.
      let even = 0
      let odd = 0
      let nextEven = 0
      let nextOdd = 0
      for (let k = 0; k < inner; k += 2) {
        const first = a[row + k] as number
        const second = a[row + k + 1] as number
        even += first * (b[column + k] as number)
        odd += second * (b[column + k + 1] as number)
        nextEven += first * (b[column + inner + k] as number)
        nextOdd += second * (b[column + inner + k + 1] as number)
      }
      result[place++] = even + odd
      result[place++] = nextEven + nextOdd
    }
  }
  return result
}

/** Sets the bit of each of the 64 frequencies that is positive, except the constant one. */
function writeSigns(frequencies: Float64Array, fingerprint: Fingerprint, window: number): void {
  for (let start = 0; start < BLOCK ** 2; start += 32) {
    let word = 0
    for (let bit = start === 0 ? 1 : 0; bit < 32; bit++) word |= Number((frequencies[start + bit] as number) > 0) << bit
    fingerprint[2 * window + start / 32] = word
  }
}
