import { sha256 } from '../core/files.ts'

/** A batch as training sees it: pixels uint8 `[N, S, S, 3]`, one image after the other, and their classes. */
export interface SeenBatch {
  readonly pixels: Uint8Array
  /** `[N]`, places in the list of classes. */
  readonly labels: ArrayLike<number>
  readonly ids: readonly string[]
  /** What the first layer, which scales pixels, makes of them; undefined where there is none. */
  readonly scaled?: { readonly layer: string; readonly values: Range } | undefined
}

export interface Range {
  readonly least: number
  readonly greatest: number
}

/** What is wrong with a batch before anything is learned from it, a sentence each; none where all is well. */
export function findFaults(batch: SeenBatch): string[] {
  const images = imagesOf(batch)
  return [
    oneClass(batch),
    blank(batch, images),
    contradicting(batch, images),
    wrongPixels(batch),
    wrongScale(batch),
  ].filter((fault) => fault !== undefined)
}

/** Least and greatest of some numbers. */
export function rangeOf(values: Iterable<number>): Range {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  return { least, greatest }
}

function imagesOf({ pixels, labels }: SeenBatch): Uint8Array[] {
  const width = pixels.length / labels.length
  return Array.from({ length: labels.length }, (_, place) => pixels.subarray(place * width, (place + 1) * width))
}

function oneClass({ labels }: SeenBatch): string | undefined {
  if (new Set(Array.from(labels)).size > 1) return undefined
  return `All ${labels.length} images have the same label: raise train.batchSize, or look at the labels in artifacts/augment/train.csv.`
}

/** Pixels of an image that differ by no more than this are one colour, after a lossy format too. */
const BLANK = 2

function blank({ ids }: SeenBatch, images: readonly Uint8Array[]): string | undefined {
  const found = ids.filter((_, place) => isBlank(images[place] ?? new Uint8Array(0)))
  return say(found, images.length, 'of one colour: look at augment and at the files')
}

function isBlank(image: Uint8Array): boolean {
  const ranges = [0, 1, 2].map((channel) => rangeOf(image.filter((_, place) => place % 3 === channel)))
  return ranges.every(({ least, greatest }) => greatest - least <= BLANK)
}

function contradicting({ ids, labels }: SeenBatch, images: readonly Uint8Array[]): string | undefined {
  const labelsOf = new Map<string, Set<number>>()
  const hashes = images.map((image) => sha256(image))
  for (const [place, hash] of hashes.entries()) {
    labelsOf.set(hash, (labelsOf.get(hash) ?? new Set()).add(labels[place] ?? 0))
  }
  const found = ids.filter((_, place) => (labelsOf.get(hashes[place] ?? '')?.size ?? 0) > 1)
  return say(found, images.length, 'byte for byte the same as others with another label: nothing can tell them apart')
}

function say(found: readonly string[], count: number, words: string): string | undefined {
  if (found.length === 0) return undefined
  const names = found.slice(0, 3).join(', ')
  const are = found.length === 1 ? 'is' : 'are'
  return `${found.length} of ${count} images ${are} ${words} (${names}${found.length > 3 ? ', …' : ''}).`
}

function wrongPixels({ pixels }: SeenBatch): string | undefined {
  const { greatest } = rangeOf(pixels)
  if (greatest > 1) return undefined
  return `No pixel is above ${greatest}, where 0 to 255 is expected: were they scaled before they were packed?`
}

/** The networks here see values that lie 1 apart or more. */
const NARROW = 0.1

function wrongScale({ pixels, scaled }: SeenBatch): string | undefined {
  if (!scaled) return undefined
  const { least, greatest } = scaled.values
  const given = rangeOf(pixels)
  if (greatest - least >= NARROW || given.greatest - given.least <= 1) return undefined
  return `The layer ${scaled.layer} leaves values from ${least.toPrecision(3)} to ${greatest.toPrecision(3)} alone: are pixels scaled twice?`
}
