import type { Examples } from '../batches/batches.ts'
import { sha256 } from '../core/files.ts'
import { seededRng } from '../core/random.ts'
import { asFloat, batchTensor } from '../tensorflow/batch.ts'
import { brighten, transformImages } from '../tensorflow/ops/augmentation.ts'
import { tf } from '../tensorflow/raw.ts'
import { drawOnline } from '../train/online.ts'
import type { OnlineAugment, TrainParams } from '../train/params.ts'
import { epochRows } from '../train/sampling.ts'

export interface OneBatch extends Examples {
  /** uint8 `[N, S, S, 3]`. */
  readonly pixels: Uint8Array
}

type BatchChoice = Pick<TrainParams, 'batchSize' | 'sampling'> & { seed: number; augment?: OnlineAugment | undefined }

/**
 * The first batch of a training. Unlike the first epoch, which shows plain images only, it has its images in turn plain and in
 * each of their variants. With online augmentation they are what the first step sees, rounded to bytes and not mixed.
 */
export async function readOneBatch(images: Examples, choice: BatchChoice): Promise<OneBatch> {
  const { seed, batchSize, sampling, augment } = choice
  const { count, variants, inputShape } = images
  const rows = epochRows(images, { epoch: 0, sampling, rng: seededRng(seed, 'order', 1) })
    .slice(0, batchSize)
    .map((row, place) => (row % count) + (place % variants) * count)
  const read = Uint8Array.from(await images.read(rows))
  const pixels = augment === undefined ? read : augmented(read, [rows.length, ...inputShape], augment, seed)
  const labels = rows.map((row) => images.labels[row] ?? 0)
  return { ...inMemory(pixels, inputShape, labels), ids: rows.map((row) => images.ids[row] ?? ''), pixels }
}

/** Examples in memory: `values` is `[N, …]`, row by row. */
export function inMemory(
  values: Uint8Array | Float32Array,
  inputShape: readonly number[],
  labels: readonly number[],
): Examples {
  const width = values.length / labels.length
  return {
    count: labels.length,
    variants: 1,
    inputShape,
    labels: Int32Array.from(labels),
    ids: labels.map((_, place) => String(place)),
    read: async (rows) => {
      const size = rows.length * width
      const batch = values instanceof Uint8Array ? new Uint8Array(size) : new Float32Array(size)
      for (const [place, row] of rows.entries()) {
        batch.set(values.subarray(row * width, (row + 1) * width), place * width)
      }
      return batch
    },
    close: async () => {},
  }
}

function augmented(pixels: Uint8Array, shape: readonly number[], augment: OnlineAugment, seed: number): Uint8Array {
  const [count = 0, size = 0] = shape
  const unmixed = { ...augment, mixup: 0, cutmix: 0 }
  const { transforms, brightness } = drawOnline(unmixed, { seed, step: 1 }, { count, size })
  return tf.tidy(() => {
    const images = asFloat(batchTensor(pixels, [...shape]))
    const seen = brighten(transformImages(images, tf.tensor2d(transforms, [count, 8])), tf.tensor1d(brightness))
    return Uint8Array.from(seen.dataSync(), Math.round)
  })
}

export interface SeenBatch extends Pick<OneBatch, 'pixels' | 'ids'> {
  /** `[N]`, indices into the list of classes. */
  readonly labels: ArrayLike<number>
  /** The output of the first layer, if it scales pixels. */
  readonly scaled?: { readonly layer: string; readonly values: ReturnType<typeof rangeOf> } | undefined
}

/** What is wrong with a batch before anything is learned from it, a sentence each. */
export function findFaults(batch: SeenBatch): string[] {
  const width = batch.pixels.length / batch.labels.length
  const images = Array.from(batch.ids, (_, place) => batch.pixels.subarray(place * width, (place + 1) * width))
  const faults = [
    oneLabel(batch),
    blank(batch, images),
    contradicting(batch, images),
    scaledPixels(batch),
    narrow(batch),
  ]
  return faults.filter((fault) => fault !== undefined)
}

export function rangeOf(values: Iterable<number>) {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value < min) min = value
    if (value > max) max = value
  }
  return { min, max }
}

function oneLabel({ labels }: SeenBatch): string | undefined {
  if (new Set(Array.from(labels)).size > 1) return undefined
  return `All ${labels.length} images have the same label: raise train.batchSize, or check the labels in artifacts/augment/train.csv.`
}

/** Channels whose pixels differ by no more than this are one colour, after lossy compression too. */
const BLANK = 2

function blank({ ids }: SeenBatch, images: readonly Uint8Array[]): string | undefined {
  const found = ids.filter((_, place) => isBlank(images[place] ?? new Uint8Array(0)))
  return describeImages(found, images.length, 'of one colour: check augment and the files')
}

function isBlank(image: Uint8Array): boolean {
  const ranges = [0, 1, 2].map((channel) => rangeOf(image.filter((_, place) => place % 3 === channel)))
  return ranges.every(({ min, max }) => max - min <= BLANK)
}

function contradicting({ ids, labels }: SeenBatch, images: readonly Uint8Array[]): string | undefined {
  const labelsOf = new Map<string, Set<number>>()
  const hashes = images.map((image) => sha256(image))
  for (const [place, hash] of hashes.entries()) {
    labelsOf.set(hash, (labelsOf.get(hash) ?? new Set()).add(labels[place] ?? 0))
  }
  const found = ids.filter((_, place) => (labelsOf.get(hashes[place] ?? '')?.size ?? 0) > 1)
  return describeImages(found, images.length, 'identical to others with another label: nothing can tell them apart')
}

function describeImages(found: readonly string[], count: number, fault: string): string | undefined {
  if (found.length === 0) return undefined
  const names = found.slice(0, 3).join(', ')
  const are = found.length === 1 ? 'is' : 'are'
  return `${found.length} of ${count} images ${are} ${fault} (${names}${found.length > 3 ? ', …' : ''}).`
}

function scaledPixels({ pixels }: SeenBatch): string | undefined {
  const { max } = rangeOf(pixels)
  if (max > 1) return undefined
  return `No pixel is above ${max}, expected 0 to 255: were they scaled before they were packed?`
}

/** A sound first layer spreads its values over a range of at least 1. */
const NARROW = 0.1

function narrow({ pixels, scaled }: SeenBatch): string | undefined {
  if (!scaled) return undefined
  const { min, max } = scaled.values
  const given = rangeOf(pixels)
  if (max - min >= NARROW || given.max - given.min <= 1) return undefined
  return `After the layer ${scaled.layer} values only range from ${min.toPrecision(3)} to ${max.toPrecision(3)}: are pixels scaled twice?`
}
