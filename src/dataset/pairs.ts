import { readCsv, writeCsv } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'

/** `exact`: the same bytes; `near`: the same photograph, changed; `mirrored`: its mirror image, changed or not. */
const KINDS = ['exact', 'near', 'mirrored'] as const
export type PairKind = (typeof KINDS)[number]

/** Two accepted images that show the same photograph. */
export interface Pair {
  /** The id that sorts first. */
  readonly id: string
  readonly other: string
  readonly kind: PairKind
  /** 0 for the same bytes, else the distance between the photographs, in [0, 0.15]. */
  readonly distance: number
}

const COLUMNS = ['id', 'other', 'kind', 'distance'] as const

/** Writes pairs, in their order. */
export async function writePairs(path: string, pairs: readonly Pair[]): Promise<void> {
  await writeCsv(path, COLUMNS, pairs)
}

/** The pairs, in the order of the file. @throws DataError when the file or a line of it is not valid */
export async function readPairs(path: string): Promise<Pair[]> {
  return (await readCsv(path, COLUMNS)).map((row) => {
    const kind = KINDS.find((each) => each === row.kind)
    const distance = Number(row.distance)
    if (kind && row.id && row.other && distance >= 0) return { id: row.id, other: row.other, kind, distance }
    throw new DataError(
      `Expected ${COLUMNS.join(', ')} in each line of ${path}, received ${Object.values(row).join(',')}. Run fetch again.`,
    )
  })
}
