import { z } from 'zod'
import { readRows, writeCsv } from '../core/csv.ts'

const pairRow = z.object({
  /** The id that sorts first. */
  id: z.string().min(1),
  other: z.string().min(1),
  /** `exact`: the same bytes; `near`: the same photograph, changed; `mirrored`: its mirror image, changed or not. */
  kind: z.enum(['exact', 'near', 'mirrored']),
  /** 0 for the same bytes, else the distance between the photographs, in [0, 0.15]. */
  distance: z.coerce.number().min(0),
  /** `likely`: a part looks different, or too much was changed to tell a copy from a look-alike; such a pair is only grouped. */
  certainty: z.enum(['certain', 'likely']),
})

/** Two accepted images that show the same photograph. */
export type Pair = Readonly<z.infer<typeof pairRow>>
export type PairKind = Pair['kind']
export type Certainty = Pair['certainty']

/** Writes pairs, in their order. */
export async function writePairs(path: string, pairs: readonly Pair[]): Promise<void> {
  await writeCsv(path, pairRow.keyof().options, pairs)
}

/** The pairs, in the order of the file. @throws DataError when the file or a line of it is not valid */
export async function readPairs(path: string): Promise<Pair[]> {
  return readRows(path, pairRow, 'Run fetch again.')
}
