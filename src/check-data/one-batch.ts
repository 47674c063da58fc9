import type { Examples } from '../batches/batches.ts'
import { seededRng } from '../core/random.ts'
import { asFloat, batchTensor } from '../tensorflow/batch.ts'
import { brighten, transformImages } from '../tensorflow/ops/augmentation.ts'
import { tf } from '../tensorflow/raw.ts'
import { drawOnline, type OnlineAugment } from '../train/online.ts'
import type { TrainParams } from '../train/params.ts'
import { epochRows } from '../train/sampling.ts'

/** One batch of training images, uint8 `[N, S, S, 3]`, in memory. */
export interface OneBatch extends Examples {
  readonly pixels: Uint8Array
}

/** Which batch: the first of a training with this seed. */
export interface BatchChoice {
  readonly seed: number
  readonly batchSize: number
  readonly sampling: TrainParams['sampling']
  readonly augment?: OnlineAugment | undefined
}

/**
 * The first batch of a training, its images in turn plain and in each of their variants, for the first epoch shows plain
 * ones alone. With online augmentation they are what the first step would see, rounded to bytes; they are not mixed.
 */
export async function readOneBatch(
  images: Examples,
  { seed, batchSize, sampling, augment }: BatchChoice,
): Promise<OneBatch> {
  const { count, variants, inputShape } = images
  const rows = epochRows(images, { epoch: 0, sampling, rng: seededRng(seed, 'order', 1) })
    .slice(0, batchSize)
    .map((row, place) => (row % count) + (place % variants) * count)
  const read = Uint8Array.from(await images.read(rows))
  const pixels = augment === undefined ? read : augmented(read, { rows, inputShape, seed, augment })
  return {
    ...inMemory(
      pixels,
      inputShape,
      rows.map((row) => images.labels[row] ?? 0),
    ),
    ids: rows.map((row) => images.ids[row] ?? ''),
    pixels,
  }
}

/** Inputs of a batch as examples like any others: `values` is `[N, …]`, one after the other. */
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
      const batch =
        values instanceof Uint8Array ? new Uint8Array(rows.length * width) : new Float32Array(rows.length * width)
      for (const [place, row] of rows.entries())
        batch.set(values.subarray(row * width, (row + 1) * width), place * width)
      return batch
    },
    close: async () => {},
  }
}

function augmented(
  pixels: Uint8Array,
  {
    rows,
    inputShape,
    seed,
    augment,
  }: Pick<BatchChoice, 'seed'> & {
    readonly rows: readonly number[]
    readonly inputShape: readonly number[]
    readonly augment: OnlineAugment
  },
): Uint8Array {
  const count = rows.length
  const unmixed = { ...augment, mixup: 0, cutmix: 0 }
  const { transforms, brightness } = drawOnline(unmixed, { seed, step: 1 }, { count, size: inputShape[0] ?? 0 })
  return tf.tidy(() => {
    const images = asFloat(batchTensor(pixels, [count, ...inputShape]), inputShape)
    const seen = brighten(transformImages(images, tf.tensor2d(transforms, [count, 8])), tf.tensor1d(brightness))
    return Uint8Array.from(seen.dataSync(), Math.round)
  })
}
