import { DataError } from '../core/errors.ts'
import type { ManifestRow } from './manifest.ts'
import type { RejectedFile, Scan } from './scan.ts'

const LISTED = 10

/**
 * Refuses pictures that no honest result can come from.
 *
 * A duplicate within one class and set is fine, since split keeps duplicates together.
 *
 * @param maxRejected greatest share of all files, in [0, 1]
 * @throws DataError when there are no training pictures, too many files were rejected, one of them belongs to the test set, or
 * the same picture has two labels or stands in both sets.
 */
export function checkPictures({ accepted, rejected }: Scan, maxRejected: number): void {
  const share = rejected.length / (rejected.length + accepted.length)
  const test = rejected.filter(({ id }) => id.startsWith('test/'))
  if (test.length > 0) {
    throw new DataError(
      `Expected every test picture to be readable, received ${test.length} that are not. Replace or remove them.${list(test)}`,
    )
  }
  if (rejected.length > 0 && !(share <= maxRejected)) {
    throw new DataError(
      `Expected at most ${percent(maxRejected)} of the files to be rejected (fetch.maxRejected), received ${rejected.length} of ${rejected.length + accepted.length} (${percent(share)}). Replace or remove them.${list(rejected)}`,
    )
  }
  if (!accepted.some(({ set }) => set === 'train')) {
    throw new DataError(
      'Expected pictures at data/train/<label>/<file>, received none. Put them there with `npm run use`.',
    )
  }
  checkDuplicates(accepted)
}

function checkDuplicates(rows: readonly ManifestRow[]): void {
  const firstBySha256 = new Map<string, ManifestRow>()
  const clashes: RejectedFile[] = []
  for (const row of rows) {
    const first = firstBySha256.get(row.sha256) ?? row
    firstBySha256.set(row.sha256, first)
    if (first.set !== row.set || first.label !== row.label)
      clashes.push({ id: first.id, reason: `the same as ${shown(row.id)}` })
  }
  if (clashes.length > 0) {
    throw new DataError(
      `Expected a picture to have one label and to stand in train/ or test/, received ${clashes.length} that stand twice. Keep one of each.${list(clashes)}`,
    )
  }
}

/** The first few, a line each. */
function list(files: readonly RejectedFile[]): string {
  const lines = files.slice(0, LISTED).map(({ id, reason }) => `\n  ${shown(id)}: ${reason}`)
  const more = files.length > LISTED ? `\n  and ${files.length - LISTED} more` : ''
  return lines.join('') + more
}

/** A name as a person may see it: one that is not plain in quotes, escaped. */
function shown(id: string): string {
  return /[\p{Cc}\p{Cs}]/u.test(id) ? JSON.stringify(id) : id
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`
}
