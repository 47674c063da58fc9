import pMap from 'p-map'
import { type PackedRow, writePacked } from '../batches/packed.ts'
import { writeFolderAtomically } from '../core/files.ts'
import { PARTS, type Part } from '../core/paths.ts'
import { openProgress } from '../core/progress.ts'
import { seededRng } from '../core/random.ts'
import type { SplitRow } from '../dataset/split.ts'
import { drawTransform, warp } from '../images/transform.ts'
import { writeContactSheet } from './contact-sheet.ts'
import type { AugmentStageParams } from './params.ts'

/** One row of the array of its part. */
export interface PlannedRow extends PackedRow {
  readonly part: Part
}

export interface AugmentOptions {
  /** The plain pixels of an image, uint8 `[S, S, 3]`, by its id. */
  readonly readImage: (id: string) => Promise<Uint8Array>
  readonly params: AugmentStageParams
  /** Images read at once; the bytes are the same for any number. */
  readonly concurrency?: number
}

const READS_AT_ONCE = 4

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
 * Writes the folder of packed arrays, whole or not at all: `<part>.npy` and `<part>.csv`, and a contact sheet of the training
 * images.
 *
 * @param rows as `planRows` gives them
 */
export async function writeAugmented(
  folder: string,
  rows: readonly PlannedRow[],
  options: AugmentOptions,
): Promise<void> {
  const { readImage, params, concurrency = READS_AT_ONCE } = options
  let done = 0
  using progress = openProgress('augment: images', rows.filter((row) => row.variant === 0).length)
  await writeFolderAtomically(folder, async (temporary) => {
    for (const part of PARTS) {
      const ofPart = rows.filter((row) => row.part === part)
      const plain = ofPart.filter((row) => row.variant === 0)
      await writePacked(temporary, part, { rows: ofPart, size: params.image.size }, async (writeRow) => {
        // Reads each image once and writes all its variants.
        const writeVariants = async ({ id }: PlannedRow, place: number) => {
          const pixels = await readImage(id)
          for (let variant = 0; variant * plain.length < ofPart.length; variant++) {
            await writeRow(variant * plain.length + place, variantPixels(pixels, { id, variant }, params))
          }
          progress.update(++done)
        }
        await pMap(plain, writeVariants, { concurrency })
      })
    }
    await writeContactSheet(temporary)
  })
}
