import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { DataError } from '../core/errors.ts'
import { temporaryName } from '../core/files.ts'
import type { FetchParams } from './params.ts'

/** What identifies the content of a folder. */
interface FolderHash {
  readonly md5: string
  readonly nfiles: number
}

export interface Wanted {
  /** Where the images belong, e.g. `data`. */
  readonly folder: string
  /** The pin that they must have. */
  readonly pin: string
  readonly params: FetchParams
  readonly seed: number
  readonly hashFolder: (folder: string) => Promise<FolderHash>
  /** Brings the pinned images into the folder, from wherever they are kept; whether they came. */
  readonly pull: () => Promise<boolean>
}

/**
 * Sees to it that the pinned images are in the folder: those that are there, else pulled, else made by `fetch.source`.
 *
 * What is there is never changed. Images that were made stay even when they do not match, so that they can be looked at and
 * accepted.
 *
 * @throws DataError when images do not match the pin, or cannot be had.
 */
export async function provideImages(wanted: Wanted): Promise<void> {
  const { folder, pull, params } = wanted
  if (await holdsAnything(folder)) {
    await checkPin(wanted, `remove ${folder}/ and run it again`)
  } else if (await pull()) {
    await checkPin(wanted, 'look at what the remote holds')
  } else {
    await rm(folder, { recursive: true, force: true }) // what a pull that failed left; nothing stood there before it
    await placeImages(wanted)
    await checkPin(
      wanted,
      `restore seed and fetch (${params.source}) in params.yaml, remove ${folder}/ and run it again`,
    )
  }
}

async function holdsAnything(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => [])
  return names.length > 0
}

async function checkPin({ folder, pin, hashFolder }: Wanted, remedy: string): Promise<void> {
  const { md5, nfiles } = await hashFolder(folder)
  if (md5 === pin) return
  throw new DataError(
    `Expected the images of the pin ${pin}, received ${md5} (${nfiles} files) in ${folder}/. To accept these: \`npm run dvc -- add ${folder}\`. To have the pinned ones: ${remedy}.`,
  )
}

/** Makes the images beside the folder and moves them there when they are complete. */
async function placeImages({ folder, params, seed }: Wanted): Promise<void> {
  const work = temporaryName(folder)
  try {
    const { makeImages } = await import('./make.ts') // loads what draws, downloads and unpacks
    await mkdir(work, { recursive: true })
    await rename(await makeImages(work, params, seed), folder)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
