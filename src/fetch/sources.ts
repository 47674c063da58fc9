import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { DataError } from '../core/errors.ts'
import { temporaryName } from '../core/files.ts'
import { hashFolder } from './folder-hash.ts'
import type { Recipe } from './make.ts'

export interface Wanted extends Recipe {
  /** Where the images belong: `data`. */
  readonly folder: string
  /** Their hash in data.dvc. */
  readonly pin: string
  /** Pulls the pinned images into the folder with DVC. Gives whether that succeeded. */
  readonly pull: () => Promise<boolean>
}

/**
 * Makes sure that the folder holds the pinned images: those that are there, else pulled, else made by `fetch.source`.
 *
 * Images that are there are never changed. Images that were made stay even when they do not match the pin, so that they can be
 * looked at and accepted.
 *
 * @throws DataError when the images do not match the pin, or there are none
 */
export async function provideImages(wanted: Wanted): Promise<void> {
  const { folder, pull, params } = wanted
  const files = await readdir(folder).catch(() => [])
  if (files.length > 0) {
    await checkPin(wanted, `remove ${folder}/ and run it again`)
  } else if (await pull()) {
    await checkPin(wanted, 'look at what the remote holds')
  } else {
    await rm(folder, { recursive: true, force: true }) // left by the failed pull; it was empty before
    await placeImages(wanted)
    await checkPin(
      wanted,
      `restore seed and fetch (${params.source}) in params.yaml, remove ${folder}/ and run it again`,
    )
  }
}

async function checkPin({ folder, pin }: Wanted, remedy: string): Promise<void> {
  const { md5, nfiles } = await hashFolder(folder)
  if (md5 === pin) return
  throw new DataError(
    `Expected the images of the pin ${pin}, received ${md5} (${nfiles} files) in ${folder}/. To accept these: \`npm run add\`. To have the pinned ones: ${remedy}.`,
  )
}

/** Makes the images beside the folder and moves them there when they are complete. */
async function placeImages(wanted: Wanted): Promise<void> {
  const work = temporaryName(wanted.folder)
  try {
    const { makeImages } = await import('./make.ts') // loads the code for drawing, downloading and unpacking
    await mkdir(work, { recursive: true })
    await rename(await makeImages(work, wanted), wanted.folder)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
