import { readCsv, sortedById, writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'

/** `train`: the labelled images, which split divides; `test`: the test set. */
export type ManifestSet = 'train' | 'test'

/** One accepted image. */
export interface ManifestRow {
  /** Path below `data/`, with `/`: `train/cat/0001.png`. */
  readonly id: string
  readonly label: string
  readonly set: ManifestSet
  /** Origin of the image; `unknown` where no manifest.csv names it. */
  readonly source: string
  /** Of the file, 64 hexadecimal digits. */
  readonly sha256: string
  /** In pixels, after EXIF orientation; height too. */
  readonly width: number
  readonly height: number
}

const COLUMNS = ['id', 'label', 'set', 'source', 'sha256', 'width', 'height'] as const

/** The accepted images, in the order of the file. @throws DataError when the file or a line of it is not valid */
export async function readManifest(path: string): Promise<ManifestRow[]> {
  const rows = await readCsv(path, COLUMNS)
  return rows.map((row) => {
    const { set } = row
    const width = Number(row.width)
    const height = Number(row.height)
    if (!isSet(set) || !row.id || !row.label || !(width > 0) || !(height > 0)) {
      throw new DataError(
        `Expected ${COLUMNS.join(', ')} in each line of ${path}, received ${Object.values(row).join(',')}. Run fetch again.`,
      )
    }
    return { ...row, set, width, height }
  })
}

/** Writes the manifest, sorted by id. */
export async function writeManifest(path: string, rows: readonly ManifestRow[]): Promise<void> {
  await writeCsv(path, COLUMNS, sortedById(rows))
}

const LISTED = 10

/** The first ten ids with their reasons, a line each, for the end of an error message. */
export function describeFiles(files: readonly { readonly id: string; readonly reason: string }[]): string {
  const lines = files.slice(0, LISTED).map(({ id, reason }) => `\n  ${printable(id)}: ${reason}`)
  const more = files.length > LISTED ? `\n  and ${files.length - LISTED} more` : ''
  return lines.join('') + more
}

/** A file name; quoted and escaped where it has control characters. */
function printable(id: string): string {
  return /[\p{Cc}\p{Cs}]/u.test(id) ? JSON.stringify(id) : id
}

function isSet(name: string): name is ManifestSet {
  return name === 'train' || name === 'test'
}
