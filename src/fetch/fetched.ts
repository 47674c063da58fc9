import { constants } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import pMap from 'p-map'
import { writeCsv } from '../core/csv.ts'
import { writeFolderAtomically } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { writeManifest } from '../dataset/manifest.ts'
import { type Pair, writePairs } from '../dataset/pairs.ts'
import type { Scan } from './scan.ts'

const FILES_AT_ONCE = 16

/** What fetch found. */
export interface Fetched extends Pick<Scan, 'accepted' | 'rejected'> {
  readonly pairs: readonly Pair[]
}

/**
 * Writes what fetch gives, whole or not at all: copies of the accepted images, the manifest, the rejected files, and which
 * images are one.
 *
 * Copies, since DVC may keep a file in its cache by a hard link.
 */
export async function writeFetched(
  data: string,
  { accepted, rejected, pairs }: Fetched,
  folder: string = paths.fetch,
): Promise<void> {
  await writeFolderAtomically(folder, async (temporary) => {
    const images = join(temporary, basename(paths.images))
    const folders = new Set(accepted.map(({ id }) => dirname(join(images, id))))
    for (const path of folders) await mkdir(path, { recursive: true })
    await pMap(accepted, ({ id }) => copyFile(join(data, id), join(images, id), constants.COPYFILE_FICLONE), {
      concurrency: FILES_AT_ONCE,
    })
    await writeManifest(join(temporary, basename(paths.manifest)), accepted)
    await writeCsv(join(temporary, basename(paths.rejected)), ['id', 'reason'], rejected)
    await writePairs(join(temporary, basename(paths.pairs)), pairs)
  })
}

/** `930 images of 3 classes, 0 rejected` */
export function describeFetched({ accepted, rejected }: Pick<Scan, 'accepted' | 'rejected'>): string {
  const classes = new Set(accepted.map(({ label }) => label))
  return `${accepted.length} images of ${classes.size} classes, ${rejected.length} rejected`
}
