import { formatCsv } from '../core/csv.ts'
import { sha256 } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { type ManifestRow, readManifest, sortedById } from '../dataset/manifest.ts'

/** The hash of the test set that fetch has accepted. @throws DataError when there is no manifest. */
export async function readTestSetHash(): Promise<string> {
  return testSetHash(await readManifest(paths.manifest))
}

/** SHA-256 of the test set as a CSV text: id, content and label of each picture, sorted by id. */
export function testSetHash(manifest: readonly ManifestRow[]): string {
  const test = sortedById(manifest.filter((row) => row.set === 'test'))
  return sha256(formatCsv(['id', 'sha256', 'label'], test))
}
