import type { Frame } from '../images/decode.ts'

/** Side of the small grey image that is compared with others. */
export const THUMBNAIL = 64

/**
 * 64 bits, mostly the same for an image and its changed copies: `[bits 0 to 31, bits 32 to 63]`, unsigned.
 *
 * Source: pHash's DCT hash (Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010).
 */
export type PerceptualHash = readonly [number, number]

/** What duplicates are found by, whatever the size and format of an image. */
export interface Fingerprint {
  /** Brightness, uint8 `[64, 64]`: the whole image squashed. */
  readonly grey: Uint8Array
  /** Of the image, and of its mirror image. */
  readonly hash: PerceptualHash
  readonly mirrored: PerceptualHash
  /** Of the image with 5 % cropped at none, one or more of its edges: 16 ways, the whole image first. */
  readonly windows: readonly PerceptualHash[]
}

/** What is cropped at an edge, as a share of the side. */
const CUT = 0.05
/** Sides of the image that is hashed, and of its block of low frequencies. */
const SIDE = 32
const BLOCK = 8

/** The fingerprint of a decoded image. */
export function fingerprintOf(frame: Frame): Fingerprint {
  const grey = shrinkToGrey(frame)
  const small = halved(grey)
  const across = TRANSPOSED.map((basis) => product(small, basis, SIDE)) // [32, 8] each
  const frequencies = BASES.flatMap((down) => across.map((rows) => product(down, rows, SIDE))) // [8, 8] each
  const [whole] = frequencies as [Float64Array]
  return { grey, hash: hashOf(whole), mirrored: hashOf(mirror(whole)), windows: frequencies.map(hashOf) }
}

/** The number of bits in which two hashes differ, 0 to 64. */
export function hammingDistance(a: PerceptualHash, b: PerceptualHash): number {
  return countBits(a[0] ^ b[0]) + countBits(a[1] ^ b[1])
}

/** The number of ones among 32 bits. */
export function countBits(word: number): number {
  let rest = word - ((word >>> 1) & 0x55555555)
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333)
  return (((rest + (rest >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
}

/** Brightness (ITU-R BT.601) of an image squashed to `[64, 64]`, each pixel the mean of the area that it covers. */
function shrinkToGrey({ pixels, width, height }: Frame): Uint8Array {
  const [columns, rows] = [sharesOf(width), sharesOf(height)]
  const sums = new Float64Array(THUMBNAIL * THUMBNAIL + THUMBNAIL) // and one row more, to which the last one adds nothing
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
    const [toFirst, toNext] = [rows.toFirst[y] as number, rows.toNext[y] as number]
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

/** For each of `length` pixels, 64 or more: the first of the 64 pixels that it overlaps, and its share of that and of the next. */
function sharesOf(length: number) {
  const step = THUMBNAIL / length
  const first = Int32Array.from({ length }, (_, place) => Math.min(Math.floor(place * step), THUMBNAIL - 1))
  const toFirst = Float64Array.from(first, (pixel, place) => Math.min(pixel + 1 - place * step, step))
  return { first, toFirst, toNext: toFirst.map((share) => step - share) }
}

/** By sums of four: `[64, 64]` to `[32, 32]`. */
function halved(grey: Uint8Array): Float64Array {
  const result = new Float64Array(SIDE * SIDE)
  for (let y = 0; y < THUMBNAIL; y++) {
    for (let x = 0; x < THUMBNAIL; x++) {
      const place = (y >> 1) * SIDE + (x >> 1)
      result[place] = (result[place] as number) + (grey[y * THUMBNAIL + x] as number)
    }
  }
  return result
}

/**
 * Matrices that give the low frequencies (DCT-II) of one axis of a window: `[8, 32]`, one for each way to crop the ends.
 *
 * A window is sampled at 32 places, bilinearly. That is linear, as the transform is, so that both are one matrix.
 */
const BASES: readonly Float64Array[] = [
  [0, 1],
  [CUT, 1],
  [0, 1 - CUT],
  [CUT, 1 - CUT],
].map(([start = 0, end = 1]) => {
  const basis = new Float64Array(BLOCK * SIDE)
  for (let sample = 0; sample < SIDE; sample++) {
    const at = (start + ((sample + 0.5) / SIDE) * (end - start)) * SIDE - 0.5
    const left = Math.min(Math.floor(at), SIDE - 2)
    for (let frequency = 0; frequency < BLOCK; frequency++) {
      const cosine = Math.cos((Math.PI * frequency * (2 * sample + 1)) / (2 * SIDE))
      const place = frequency * SIDE + left
      basis[place] = (basis[place] as number) + cosine * (left + 1 - at)
      basis[place + 1] = (basis[place + 1] as number) + cosine * (at - left)
    }
  }
  return basis
})

/** The same, `[32, 8]`. */
const TRANSPOSED = BASES.map((basis) =>
  basis.map((_, place) => basis[(place % BLOCK) * SIDE + Math.floor(place / BLOCK)] as number),
)

/** The product of two matrices, `[N, K]` and `[K, M]`. */
function product(a: Float64Array, b: Float64Array, inner: number): Float64Array {
  const [rows, columns] = [a.length / inner, b.length / inner]
  const result = new Float64Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0
      for (let k = 0; k < inner; k++) sum += (a[row * inner + k] as number) * (b[k * columns + column] as number)
      result[row * columns + column] = sum
    }
  }
  return result
}

/** Mirroring left and right changes the sign of every odd horizontal frequency. */
function mirror(frequencies: Float64Array): Float64Array {
  return frequencies.map((value, place) => (place % 2 === 1 ? -value : value))
}

/** One bit for each frequency: whether it is above the median of all but the mean brightness, whose bit is 0. */
function hashOf(frequencies: Float64Array): PerceptualHash {
  const sorted = frequencies.slice(1).sort()
  const median = sorted[(sorted.length - 1) / 2] as number
  const words = new Uint32Array(2)
  for (let place = 1; place < frequencies.length; place++) {
    if ((frequencies[place] as number) > median) words[place >> 5] = (words[place >> 5] as number) | (1 << (place & 31))
  }
  return [words[0] as number, words[1] as number]
}
