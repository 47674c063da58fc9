import { z } from 'zod'
import { readRows } from '../core/csv.ts'
import { DataError } from '../core/errors.ts'
import { exists } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import type { ManifestRow, Remark } from './manifest.ts'

const exclusion = z.object({ id: z.string().min(1), reason: z.string().regex(/\S/) })
export const EXCLUDE_COLUMNS = exclusion.keyof().options

const REMEDY =
  'Line 1 is id,reason; every other line names an image below data/ and why it is left out: train/cat/1.jpg,blurred (quote a reason with a comma).'

/** The exclusions in a file. @throws DataError when it cannot be read, a line has no id or reason, or an id comes twice */
export async function readExclusions(path: string = paths.exclude): Promise<Remark[]> {
  if (!(await exists(path))) {
    throw new DataError(
      `Expected the excluded images in ${path}, received none. Restore it from git, or create it with the line id,reason.`,
    )
  }
  const rows = await readRows(path, exclusion, REMEDY)
  const seen = new Set<string>()
  for (const { id } of rows) {
    if (seen.has(id)) throw new DataError(`Expected ${id} once in ${path}, received it twice. Remove one of its lines.`)
    seen.add(id)
  }
  return rows
}

/** The images that are used, and those that are not, with the reason. */
export interface Selection {
  readonly used: readonly ManifestRow[]
  readonly excluded: readonly (ManifestRow & Remark)[]
}

/** Separates the excluded images from the others. @throws DataError when an excluded id is not in the manifest */
export function selectImages(manifest: readonly ManifestRow[], exclusions: readonly Remark[]): Selection {
  const ids = new Set(manifest.map(({ id }) => id))
  const unknown = exclusions.filter(({ id }) => !ids.has(id))
  if (unknown.length > 0) {
    throw new DataError(
      `Expected ids of accepted images in ${paths.exclude} (as in ${paths.manifest}), received ${unknown.length} unknown ones. Correct or remove their lines.${unknown.map(({ id }) => `\n  ${id}`).join('')}`,
    )
  }
  const reasons = new Map(exclusions.map(({ id, reason }) => [id, reason]))
  return {
    used: manifest.filter(({ id }) => !reasons.has(id)),
    excluded: manifest.flatMap((row) => {
      const reason = reasons.get(row.id)
      return reason === undefined ? [] : [{ ...row, reason }]
    }),
  }
}
