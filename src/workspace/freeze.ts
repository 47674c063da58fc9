import { join } from 'node:path'
import { writeCsv } from '../core/csv.ts'
import { exists, restoringFile } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { EXCLUDE_COLUMNS, type Exclusion, readExclusions } from '../dataset/exclude.ts'
import { acceptTestSet, describeTestSet } from './accept-test-set.ts'

/** Does some work that writes test-set.csv and exclude.csv; when it fails, both are what they were. */
export async function restoringFrozen<T>(work: () => Promise<T>): Promise<T> {
  return restoringFile(paths.testSet, () => restoringFile(paths.exclude, work))
}

/**
 * Writes test-set.csv for new images, and takes the lines of exclude.csv out whose images are not among them; an
 * exclude.csv that cannot be read stays as it is, and split says what is wrong with it.
 *
 * @param folder has the layout of `data/`
 * @returns lines that say so
 */
export async function freezeImages(folder: string): Promise<string[]> {
  const listed = (await exists(paths.exclude)) ? await readExclusions().catch(() => undefined) : []
  const kept: Exclusion[] = []
  const gone: Exclusion[] = []
  for (const exclusion of listed ?? []) {
    const isThere = await exists(join(folder, exclusion.id))
    ;(isThere ? kept : gone).push(exclusion)
  }
  if (gone.length > 0 || !(await exists(paths.exclude))) await writeCsv(paths.exclude, EXCLUDE_COLUMNS, kept)
  const accepted = await acceptTestSet(folder, kept)
  const before = accepted.changes.length === 0 ? ' as before' : ''
  return [
    `${describeTestSet(accepted)}${before}: the frozen test set`,
    ...gone.map(({ id, reason }) => `${paths.exclude}: no longer ${JSON.stringify(`${id},${reason}`)}`),
  ]
}
