import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { DataError } from '../core/errors.ts'
import { exists, megabytes, restoringFile, temporaryName } from '../core/files.ts'
import { paths } from '../core/paths.ts'
import { type Pin, readPin } from '../dataset/pin.ts'
import { openCheckout } from '../dvc/checkout.ts'
import { runDvc } from '../dvc/run.ts'
import { type HashedFile, hashFiles, pinOf } from '../fetch/folder-hash.ts'

/** Where images are prepared; git ignores it. */
export const WORKSHOP = '.paddock'

/** dvc.yaml reads data.dvc, so that DVC cannot pin the first images without one. */
const NO_PIN = `outs:\n- md5: ${'0'.repeat(32)}.dir\n  hash: md5\n  path: data\n`

/** The pin before and after a change. */
export interface PinChange {
  readonly before: Pin | undefined
  readonly after: Pin
}

/**
 * The pin of the images in `data/`, which are then in DVC's cache too. Undefined when there are no images.
 *
 * @throws DataError when the images are not the pinned ones: there is no other copy of them
 */
export async function keepPinned(): Promise<Pin | undefined> {
  const files = await readdir(paths.data).catch(() => [])
  if (files.length === 0) return undefined
  const [pin, images] = [await findPin(), await hashFiles(paths.data)]
  const found = pinOf(images)
  if (pin?.md5 !== found.md5) {
    const remedy = pin // without one, dvc.yaml cannot be read
      ? `Pin them with \`npm run add\``
      : `Restore ${paths.pin} from git (\`git checkout -- ${paths.pin}\`)`
    throw new DataError(
      `Expected ${paths.data}/ to hold the images of ${paths.pin} (${pin?.md5 ?? 'no pin'}), received ${found.md5} (${found.nfiles} files), which is not pinned. ${remedy}, or move the folder away.`,
    )
  }
  if (!isCached(images)) await dvc(['commit', '--quiet', '--force', paths.pin])
  return pin
}

/** Whether DVC's cache has these files and their list, so that DVC need not start: it takes a second. */
function isCached(files: readonly HashedFile[]): boolean {
  const cache = openCheckout('.')
  return [pinOf(files), ...files].every(({ md5 }) => cache.isCached(md5))
}

/** Pins the images in `data/`; restores the old pin when that fails. */
export async function pinImages(): Promise<Pin> {
  return restoringFile(paths.pin, async () => {
    const pin = await findPin()
    const images = await hashFiles(paths.data).catch(() => []) // DVC says what cannot be read
    if (pin?.md5 === pinOf(images).md5 && isCached(images)) return pin
    if (pin === undefined) await writeFile(paths.pin, NO_PIN)
    await dvc(['add', '--quiet', paths.data])
    return readPin()
  })
}

/**
 * Replaces the images in `data/` and pins the new ones; restores the old ones when that fails.
 *
 * @param fill writes the new images into the folder it is given
 * @throws DataError when the old images are not pinned
 */
export async function replaceImages(fill: (folder: string) => Promise<void>): Promise<PinChange> {
  const before = await keepPinned()
  const pinned = before ?? (await findPin())
  await mkdir(WORKSHOP, { recursive: true })
  const [fresh, old] = [temporaryName(`${WORKSHOP}/data`), temporaryName(`${WORKSHOP}/old-data`)]
  let isMoved = false
  try {
    await fill(fresh)
    if (await exists(paths.data)) await rename(paths.data, old)
    isMoved = true
    await rename(fresh, paths.data)
    return { before: pinned, after: await pinImages() }
  } catch (error) {
    if (isMoved) await rm(paths.data, { recursive: true, force: true })
    if (await exists(old)) await rename(old, paths.data)
    throw error
  } finally {
    await rm(fresh, { recursive: true, force: true })
    await rm(old, { recursive: true, force: true })
  }
}

/** One line with both pins. */
export function describePins({ before, after }: PinChange): string {
  if (before?.md5 === after.md5) return `pin ${after.md5} as before (${after.nfiles} files)`
  return `pin ${before?.md5 ?? 'none'} -> ${after.md5} (${after.nfiles} files, ${megabytes(after.size)})`
}

/** The pin; undefined where there is no valid one. */
async function findPin(): Promise<Pin | undefined> {
  return readPin().catch(() => undefined)
}

async function dvc(args: readonly string[]): Promise<void> {
  const { exitCode } = await runDvc(args)
  if (exitCode !== 0) {
    throw new DataError(`Expected \`dvc ${args.join(' ')}\` to end with 0, received ${exitCode}. Its message is above.`)
  }
}
