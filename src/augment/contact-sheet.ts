import { basename, join } from 'node:path'
import { openPacked, type PackedPart } from '../batches/packed.ts'
import { classesOf } from '../core/csv.ts'
import { writeFileAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { encodeContactSheet, imagesPerClass, MAX_CLASSES, MAX_VERSIONS, shrinkToCell } from '../images/contact-sheet.ts'

/**
 * Writes the contact sheet of a folder of packed arrays: one band for each class, or for some of very many, with training images evenly spread over the
 * class, each plain and then in its variants.
 */
export async function writeContactSheet(folder: string): Promise<void> {
  const packed = await openPacked('train', folder)
  try {
    const bands = await readBands(packed)
    await writeFileAtomically(join(folder, basename(paths.contactSheet)), await encodeContactSheet(bands))
  } finally {
    await packed.file.close()
  }
}

/** At most `count` items at even distances, the first one included. */
export function evenlySpread<T>(items: readonly T[], count: number): T[] {
  const step = Math.max(1, items.length / count)
  return items.filter((_, place) => Math.floor(place / step) > Math.floor((place - 1) / step))
}

/** Cells by class, image and version. */
async function readBands({ rows, file }: PackedPart): Promise<Buffer[][][]> {
  const plainRows = rows.filter((row) => row.variant === 0)
  const versions = Math.min(rows.length / plainRows.length, MAX_VERSIONS)
  const size = file.shape[1] ?? 0
  const bands: Buffer[][][] = []
  for (const label of evenlySpread(classesOf(plainRows), MAX_CLASSES)) {
    const places = plainRows.flatMap((row, place) => (row.label === label ? [place] : []))
    const band: Buffer[][] = []
    for (const place of evenlySpread(places, imagesPerClass(versions))) {
      const cells = Array.from({ length: versions }, async (_, variant) => {
        const pixels = new Uint8Array(size * size * 3)
        await file.readRows([place + variant * plainRows.length], pixels)
        return shrinkToCell(pixels, size)
      })
      band.push(await Promise.all(cells))
    }
    bands.push(band)
  }
  return bands
}
