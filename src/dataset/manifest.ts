import { z } from 'zod'
import { readRows, sortedById, writeCsv } from '../core/csv.ts'

const manifestRow = z.object({
  /** Path below `data/`, with `/`: `train/cat/0001.png`. */
  id: z.string().min(1),
  label: z.string().min(1),
  /** `train`: the labelled images, which split divides; `test`: the test set. */
  set: z.enum(['train', 'test']),
  /** Origin of the image; `unknown` where no manifest.csv names it. */
  source: z.string(),
  /** Of the file, 64 hexadecimal digits. */
  sha256: z.string(),
  /** In pixels, after EXIF orientation; height too. */
  width: z.coerce.number().positive(),
  height: z.coerce.number().positive(),
})

/** One accepted image. */
export type ManifestRow = Readonly<z.infer<typeof manifestRow>>
export type ManifestSet = ManifestRow['set']

/** The accepted images, in the order of the file. @throws DataError when the file or a line of it is not valid */
export async function readManifest(path: string): Promise<ManifestRow[]> {
  return readRows(path, manifestRow, 'Run fetch again.')
}

/** Writes the manifest, sorted by id. */
export async function writeManifest(path: string, rows: readonly ManifestRow[]): Promise<void> {
  await writeCsv(path, manifestRow.keyof().options, sortedById(rows))
}

/** An image, or a file, and what is wrong with it or what became of it. */
export interface Remark {
  readonly id: string
  readonly reason: string
}

const LISTED = 10

/** The first ten ids with their reasons, a line each, for the end of an error message. */
export function describeFiles(files: readonly Remark[]): string {
  const lines = files.slice(0, LISTED).map(({ id, reason }) => `\n  ${printable(id)}: ${reason}`)
  const more = files.length > LISTED ? `\n  and ${files.length - LISTED} more` : ''
  return lines.join('') + more
}

/** A file name; quoted and escaped where it has control characters. */
function printable(id: string): string {
  return /[\p{Cc}\p{Cs}]/u.test(id) ? JSON.stringify(id) : id
}
