import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withoutSecrets } from '../core/address.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { readSha256 } from '../core/files.ts'
import { cacheFolder } from '../core/paths.ts'
import { extractArchive } from './archive.ts'
import { arrangeImages } from './arrange.ts'
import { download } from './download.ts'
import { openKaggle } from './kaggle.ts'
import type { FetchParams, KaggleParams } from './params.ts'
import type { RetryPolicy } from './retries.ts'
import { drawSample } from './sample.ts'

/** What images are made from. */
export interface Recipe {
  readonly params: FetchParams
  readonly seed: number
  readonly policy?: RetryPolicy
}

/**
 * Makes the images of `fetch.source` inside a work folder.
 *
 * @returns the folder in it that has the layout of `data/`
 * @throws DataError when a download fails, or nothing can be made: source `folder`
 */
export async function makeImages(work: string, { params, seed, policy }: Recipe): Promise<string> {
  switch (params.source) {
    case 'sample':
      return drawSample(join(work, 'images'), params, seed, 'fetch')
    case 'archive':
      return unpackImages(join(work, 'images'), params, policy)
    case 'kaggle':
      return loadImages(join(work, 'images'), params, policy)
    case 'folder':
      throw new DataError(
        'Expected the images in data/, or where `dvc pull` finds them, received none. Put them there with `npm run use -- folder --data DIR`.',
      )
  }
}

async function loadImages(folder: string, params: KaggleParams, policy?: RetryPolicy): Promise<string> {
  if (params.test === null) {
    throw new DataError(
      'Expected the test images in data/, or where `dvc pull` finds them, received none, and Kaggle has none either. Put them there with `npm run use -- animals10 --test DIR`.',
    )
  }
  const { fill } = await openKaggle(params, { label: 'fetch', ...(policy && { policy }) })
  await fill(folder)
  return folder
}

type ArchiveParams = Extract<FetchParams, { source: 'archive' }>

async function unpackImages(folder: string, params: ArchiveParams, policy?: RetryPolicy): Promise<string> {
  const archive = await openArchive(params, policy)
  await mkdir(folder)
  await extractArchive(archive, folder)
  const { folder: arranged, note } = await arrangeImages(folder)
  if (note !== undefined) console.error(`fetch: ${note}`)
  return arranged
}

const REMEDY = 'Correct fetch.url and fetch.sha256 in params.yaml.'

/** The path of the archive: on this machine, or in the cache once it is downloaded. */
async function openArchive({ url, sha256 }: ArchiveParams, policy?: RetryPolicy): Promise<string> {
  const { protocol } = new URL(url)
  const what = `the archive at ${withoutSecrets(url)}`
  if (protocol === 'http:' || protocol === 'https:') {
    const path = join(cacheFolder(), 'downloads/archives', sha256)
    await download({ label: 'fetch', url, path, what, sha256, remedyFor: () => REMEDY }, policy)
    return path
  }
  if (protocol !== 'file:') {
    throw new DataError(`Expected an address with http, https or file, received ${what}. ${REMEDY}`)
  }
  const path = fileURLToPath(url)
  const received = await readSha256(path).catch((error: unknown) => {
    throw new DataError(`Expected ${what}, received: ${messageOf(error)}. ${REMEDY}`, { cause: error })
  })
  if (received === sha256) return path
  throw new DataError(`Expected the SHA-256 ${sha256} of ${what}, received ${received}. ${REMEDY}`)
}
