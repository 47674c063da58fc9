import { z } from 'zod'
import { readRows, writeCsv } from '../core/csv.ts'
import { exists } from '../core/files.ts'
import { paths } from '../core/paths.ts'

const evaluatedRow = z.object({
  /** SHA-256 of the file, 64 hexadecimal digits. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  part: z.enum(['validation', 'holdout']),
})

export type EvaluationPart = z.infer<typeof evaluatedRow>['part']

/**
 * The images that were in validation or holdout when images were added, by SHA-256: split keeps them out of training.
 *
 * @throws DataError when a line is not valid
 */
export async function readEvaluated(path: string = paths.evaluated): Promise<Map<string, EvaluationPart>> {
  if (!(await exists(path))) return new Map()
  const rows = await readRows(path, evaluatedRow, 'Restore the file from git.')
  return new Map(rows.map(({ sha256, part }) => [sha256, part]))
}

/** Writes them, sorted by SHA-256. */
export async function writeEvaluated(
  evaluated: ReadonlyMap<string, EvaluationPart>,
  path: string = paths.evaluated,
): Promise<void> {
  const rows = [...evaluated].map(([sha256, part]) => ({ sha256, part }))
  await writeCsv(
    path,
    evaluatedRow.keyof().options,
    rows.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1)),
  )
}
