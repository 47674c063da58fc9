import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import pMap from 'p-map'
import { type PackedRow, writePacked } from '../batches/packed.ts'
import type { ImageParams } from '../config/shapes.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { sha256, writeFolderAtomically } from '../core/files.ts'
import { PARTS, type Part } from '../core/paths.ts'
import { openProgress } from '../core/progress.ts'
import { seededRng } from '../core/random.ts'
import type { SplitRow } from '../dataset/split.ts'
import type { PixelCache } from '../fetch/pixel-cache.ts'
import { decodePixels, ImageError } from '../images/decode.ts'
import { drawTransform, warp } from '../images/transform.ts'
import { writeContactSheet } from './contact-sheet.ts'
import type { AugmentStageParams } from './params.ts'

/** One row of the array of its part. */
export interface PlannedRow extends PackedRow {
  readonly part: Part
}

export interface AugmentOptions {
  /** The folder of the accepted images, below which an id is a path. */
  readonly images: string
  readonly params: AugmentStageParams
  /** Where fetch kept what it decoded. */
  readonly cache?: Pick<PixelCache, 'read'> | undefined
  /** Images in work at once; the bytes are the same for any number. */
  readonly concurrency?: number
}

/**
 * The rows of the packed arrays: of the training part all images plain, then all in variant 1, and so on to `copies`; of
 * the other parts the plain images. Within a variant in the order of `split`.
 */
export function planRows(split: readonly SplitRow[], copies: number): PlannedRow[] {
  return PARTS.flatMap((part) => {
    const images = split.filter((row) => row.part === part)
    const variants = Array.from({ length: part === 'train' ? copies + 1 : 1 }, (_, variant) => variant)
    return variants.flatMap((variant) => images.map(({ id, label }) => ({ part, id, label, variant })))
  })
}

/**
 * A variant of an image, uint8 `[S, S, 3]`: the plain one for 0, else one warped by random numbers that depend on the seed,
 * the id and the variant alone, so that neither order nor threads change a byte.
 */
export function variantPixels(
  plain: Uint8Array,
  { id, variant }: Pick<PackedRow, 'id' | 'variant'>,
  { seed, image, augment }: AugmentStageParams,
): Uint8Array {
  if (variant === 0) return plain
  return warp(plain, image.size, drawTransform(seededRng(seed, 'augment', id, variant), augment, image.size))
}

/**
 * Writes the folder of packed arrays, whole or not at all: `<part>.npy` and `<part>.csv`, and a contact sheet to look at.
 *
 * @param rows as `planRows` gives them
 * @throws DataError when an image cannot be read.
 */
export async function writeAugmented(
  folder: string,
  rows: readonly PlannedRow[],
  options: AugmentOptions,
): Promise<void> {
  let done = 0
  const progress = openProgress('augment: images', rows.filter((row) => row.variant === 0).length)
  try {
    await writeFolderAtomically(folder, async (temporary) => {
      for (const part of PARTS) {
        const partRows = rows.filter((row) => row.part === part)
        await writePart(temporary, part, { ...options, rows: partRows, onImage: () => progress.update(++done) })
      }
      await writeContactSheet(temporary)
    })
  } finally {
    progress.stop()
  }
}

interface PartOptions extends AugmentOptions {
  readonly rows: readonly PlannedRow[]
  readonly onImage: () => void
}

/** Has each image once, decoded, and writes all its variants. Warping on this thread keeps up with decoding on libuv's. */
async function writePart(
  folder: string,
  part: Part,
  { rows, images, params, cache, onImage, concurrency = availableParallelism() + 1 }: PartOptions,
): Promise<void> {
  const plainRows = rows.filter((row) => row.variant === 0)
  await writePacked(folder, part, { rows, size: params.image.size }, async (writeRow) => {
    const writeVariants = async ({ id }: PlannedRow, image: number) => {
      const plain = await readImage(id, { images, cache, image: params.image })
      for (let variant = 0; variant * plainRows.length < rows.length; variant++) {
        await writeRow(variant * plainRows.length + image, variantPixels(plain, { id, variant }, params))
      }
      onImage()
    }
    await pMap(plainRows, writeVariants, { concurrency })
  })
}

interface ImageOptions extends Pick<AugmentOptions, 'images' | 'cache'> {
  readonly image: ImageParams
}

/** The plain pixels, as fetch decoded them where they are kept. */
async function readImage(id: string, { images, cache, image }: ImageOptions): Promise<Uint8Array> {
  try {
    const bytes = await readFile(join(images, id))
    return cache?.read(sha256(bytes)) ?? (await decodePixels(bytes, image))
  } catch (error) {
    const reason = error instanceof ImageError ? error.reason : messageOf(error)
    throw new DataError(`Expected ${id} in ${images} as fetch accepted it, received ${reason}. Run fetch again.`, {
      cause: error,
    })
  }
}
