import { DataError } from '../core/errors.ts'
import { readSha256, sha256 } from '../core/files.ts'
import { type Part, paths } from '../core/paths.ts'
import type { BatchValues } from '../tensorflow/batch.ts'
import { openPacked } from './packed.ts'

/** Inputs and their classes. */
export interface Batch {
  /** `[N, S, S, 3]` uint8 or `[N, C]` float32, flat. */
  readonly values: BatchValues
  /** `[N]`, indices into the list of classes. */
  readonly labels: Int32Array
}

/** Inputs that can be read in any order: `count` images, each in `variants` variants; row = variant · count + image. */
export interface Examples {
  readonly count: number
  readonly variants: number
  /** Shape of one input: `[S, S, 3]` or `[C]`. */
  readonly inputShape: readonly number[]
  /** The class of every row. */
  readonly labels: Int32Array
  /** The id of every row. */
  readonly ids: readonly string[]
  /** A copy of the inputs of some rows, one after the other. */
  read(rows: readonly number[]): Promise<BatchValues>
  close(): Promise<void>
}

/** Packed images: examples in a file. */
export interface Images extends Examples {
  /** SHA-256 of their index, which has the CRC of each image. */
  digest(): Promise<string>
}

/** Opens the packed images of a part; close them. @throws DataError for a label that is not among the classes */
export async function openImages(
  part: Part,
  classes: readonly string[],
  folder: string = paths.augment,
): Promise<Images> {
  const { rows, file, index } = await openPacked(part, folder)
  await using opened = new AsyncDisposableStack()
  opened.defer(() => file.close())
  const inputShape = file.shape.slice(1)
  const rowBytes = inputShape.reduce((product, size) => product * size, 1)
  const variants = 1 + rows.reduce((most, row) => Math.max(most, row.variant), 0)
  const labels = Int32Array.from(rows, ({ id, label }) => placeOf(classes, label, id))
  opened.move() // the caller closes it
  return {
    count: rows.length / variants,
    variants,
    inputShape,
    labels,
    ids: rows.map((row) => row.id),
    read: async (wanted) => {
      const bytes = new Uint8Array(wanted.length * rowBytes)
      await file.readRows(wanted, bytes)
      return bytes
    },
    digest: () => readSha256(index),
    close: () => file.close(),
  }
}

/** Some rows of packed images; they stay open as long as the others do. */
export function chooseRows(images: Images, rows: readonly number[]): Images {
  return {
    count: rows.length,
    variants: 1,
    inputShape: images.inputShape,
    labels: Int32Array.from(rows, (row) => images.labels[row] ?? 0),
    ids: rows.map((row) => images.ids[row] ?? ''),
    read: (wanted) => images.read(wanted.map((place) => rows[place] ?? 0)),
    digest: async () => sha256(`${await images.digest()} ${rows}`),
    close: images.close,
  }
}

/**
 * Yields rows as batches, and reads the next batch meanwhile. The last may be smaller.
 *
 * @param onWait called with the milliseconds that each batch was waited for
 */
export async function* readBatches(
  examples: Examples,
  rows: readonly number[],
  batchSize: number,
  onWait: (milliseconds: number) => void = () => {},
): AsyncGenerator<Batch> {
  const readFrom = async (start: number): Promise<Batch> => {
    const wanted = rows.slice(start, start + batchSize)
    return { values: await examples.read(wanted), labels: Int32Array.from(wanted, (row) => examples.labels[row] ?? 0) }
  }
  let next = rows.length > 0 ? readFrom(0) : undefined
  for (let start = batchSize; next; start += batchSize) {
    const asked = performance.now()
    const batch = await next
    onWait(performance.now() - asked)
    next = start < rows.length ? readFrom(start) : undefined
    next?.catch(() => {}) // a failure is thrown where the batch is awaited, not before
    yield batch
  }
}

function placeOf(classes: readonly string[], label: string, id: string): number {
  const place = classes.indexOf(label)
  if (place >= 0) return place
  throw new DataError(
    `Expected one of the classes ${classes.join(', ')} for ${id}, received ${label}. Run split and augment again.`,
  )
}
