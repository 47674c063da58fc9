import { readCsv, writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { PARTS, type Part } from '../core/paths.ts'

/** The part of one image. */
export interface SplitRow {
  readonly id: string
  readonly label: string
  readonly part: Part
}

/** The counts of each part: `720 train, 90 validation, 90 holdout, 30 test`. */
export function describeParts(rows: readonly { readonly part: Part }[]): string {
  return PARTS.map((part) => `${rows.filter((row) => row.part === part).length} ${part}`).join(', ')
}

const COLUMNS = ['id', 'label', 'part'] as const

/** Writes the split, in the order of its rows. */
export async function writeSplit(path: string, rows: readonly SplitRow[]): Promise<void> {
  await writeCsv(path, COLUMNS, rows)
}

/** The split, in the order of the file. @throws DataError when the file cannot be read, or a line has an unknown part */
export async function readSplit(path: string): Promise<SplitRow[]> {
  const rows = await readCsv(path, COLUMNS)
  return rows.map(({ id, label, part: name }) => {
    const part = PARTS.find((each) => each === name)
    if (part) return { id, label, part }
    throw new DataError(
      `Expected a part, one of ${PARTS.join(', ')}, for ${id} in ${path}, received ${name || 'none'}. Run split again.`,
    )
  })
}
