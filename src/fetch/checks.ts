import { DataError } from '../core/errors.ts'
import type { RejectedFile, Scan } from './scan.ts'

const LISTED = 10

/**
 * Refuses images that no honest result can come from.
 *
 * @param maxRejected greatest share of all files, in [0, 1]
 * @throws DataError when there are no training images, too many files were rejected, or one of them belongs to the test set.
 */
export function checkImages({ accepted, rejected }: Pick<Scan, 'accepted' | 'rejected'>, maxRejected: number): void {
  const share = rejected.length / (rejected.length + accepted.length)
  const test = rejected.filter(({ id }) => id.startsWith('test/'))
  if (test.length > 0) {
    throw new DataError(
      `Expected every test image to be readable, received ${test.length} that are not. Replace or remove them.${describeFiles(test)}`,
    )
  }
  if (rejected.length > 0 && !(share <= maxRejected)) {
    throw new DataError(
      `Expected at most ${percent(maxRejected)} of the files to be rejected (fetch.maxRejected), received ${rejected.length} of ${rejected.length + accepted.length} (${percent(share)}). Replace or remove them.${describeFiles(rejected)}`,
    )
  }
  if (!accepted.some(({ set }) => set === 'train')) {
    throw new DataError(
      'Expected images at data/train/<label>/<file>, received none. Put them there with `npm run use`.',
    )
  }
}

/** The first few, a line each. */
export function describeFiles(files: readonly RejectedFile[]): string {
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
