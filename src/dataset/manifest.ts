import { readCsv, sortedById, writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'

/** The labelled images, which split divides, and the test set, which is a set of its own. */
export type ManifestSet = 'train' | 'test'

/** One accepted image. */
export interface ManifestRow {
  /** Path below `data/`, with `/`: `train/cat/0001.png`. */
  readonly id: string
  readonly label: string
  readonly set: ManifestSet
  /** Where the image came from, `unknown` when nothing says so. */
  readonly source: string
  /** Of the file, 64 hexadecimal digits. */
  readonly sha256: string
  /** In pixels, after EXIF orientation; height too. */
  readonly width: number
  readonly height: number
}

const COLUMNS = ['id', 'label', 'set', 'source', 'sha256', 'width', 'height'] as const

/** The accepted images, in the order of the file. @throws DataError when a line is not one of a manifest. */
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

function isSet(name: string): name is ManifestSet {
  return name === 'train' || name === 'test'
}
