import { copyFile, mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import pMap from 'p-map'
import { withoutSecrets } from '../core/address.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { exists, FullDiskError, megabytes } from '../core/files.ts'
import { cacheFolder } from '../core/paths.ts'
import { extractArchive, listArchive } from './archive.ts'
import { download } from './download.ts'
import { readKaggleKey } from './kaggle-key.ts'
import type { KaggleParams } from './params.ts'
import { RETRY_POLICY, type RetryPolicy } from './retries.ts'

/** A downloaded data set of Kaggle, checked and ready to be unpacked. */
export interface KaggleImages {
  /** Lines that describe it. */
  readonly notes: readonly string[]
  /** Writes into a folder with the layout of `data/`: the classes that are asked for, and the published test images. */
  readonly fill: (folder: string) => Promise<void>
}

export interface KaggleOptions {
  /** The command or stage that asks. */
  readonly label: string
  /** With KAGGLE_API_ENDPOINT, as for Kaggle's own client, in place of Kaggle's address. */
  readonly environment?: NodeJS.ProcessEnv
  readonly policy?: RetryPolicy
}

const ENDPOINT = 'https://www.kaggle.com'

/**
 * Downloads a data set of Kaggle and the published test images to the cache, unless they are there.
 *
 * @throws ConfigError without a key; DataError when a download fails, or the counts of images are not the expected ones
 */
export async function openKaggle(params: KaggleParams, options: KaggleOptions): Promise<KaggleImages> {
  const { environment = process.env, policy = RETRY_POLICY, label } = options
  const context = { environment, policy, label }
  const archive = join(cacheFolder(environment), 'downloads/kaggle', `${params.dataset}.zip`)
  await downloadArchive(params.dataset, archive, context)
  const files = await withArchive(params.dataset, archive, () => listArchive(archive))
  checkCounts(params, files, archive)
  const testImages = params.test ? await downloadTestImages(params.test, context) : []
  const counts = [...params.classes].map(([name, { images }]) => `${name} ${images}`)
  return {
    notes: [
      `archive of ${params.dataset}: ${archive} (${megabytes((await stat(archive)).size)})`,
      `training images: ${counts.join(', ')}`,
    ],
    fill: async (folder) => {
      await mkdir(folder, { recursive: true })
      const placeOf = placesOf(params.classes)
      await withArchive(params.dataset, archive, () => extractArchive(archive, folder, { placeOf }))
      if (testImages.length > 0) await mkdir(join(folder, 'test'))
      for (const { name, path } of testImages) await copyFile(path, join(folder, 'test', name))
    },
  }
}

async function downloadArchive(
  dataset: string,
  path: string,
  { environment, policy, label }: Required<KaggleOptions>,
): Promise<void> {
  if (await exists(path)) return
  const { authorization, place } = await readKaggleKey(environment)
  const endpoint = (environment.KAGGLE_API_ENDPOINT || ENDPOINT).replace(/\/+$/, '')
  await download(
    {
      label,
      path,
      url: `${endpoint}/api/v1/datasets/download/${dataset}`,
      headers: { authorization },
      what: `the archive of ${dataset} from Kaggle`,
      remedyFor: (problem) => remedyFor(problem, { dataset, place }),
    },
    policy,
  )
}

/** Kaggle answers 403 for a data set that does not exist, too. */
function remedyFor(problem: number | string, { dataset, place }: { dataset: string; place: string }): string {
  switch (problem) {
    case 401:
      return `Kaggle does not know the key in ${place}: make a new one at https://www.kaggle.com/settings (API).`
    case 403:
      return `Kaggle refuses this to the key in ${place}: make a new one at https://www.kaggle.com/settings, accept the terms at https://www.kaggle.com/datasets/${dataset}, or correct fetch.dataset.`
    case 404:
      return 'Correct fetch.dataset.'
    default:
      return 'Run it again later.'
  }
}

/** Where a member belongs: an image in the folder of a class to `train/<label>/`, any other nowhere. */
function placesOf(classes: KaggleParams['classes']) {
  const labels = new Map([...classes].map(([label, { folder }]) => [folder, label]))
  return (parts: readonly string[]) => {
    const [folder = '', file = ''] = parts.slice(-2)
    const label = labels.get(folder)
    return label === undefined || file === '' ? undefined : ['train', label, file]
  }
}

function checkCounts({ dataset, classes }: KaggleParams, files: readonly (readonly string[])[], archive: string): void {
  const byFolder = Map.groupBy(files, (parts) => parts.at(-2))
  const wrong = [...classes]
    .map(([label, { folder, images }]) => ({
      label,
      folder,
      expected: images,
      found: byFolder.get(folder)?.length ?? 0,
    }))
    .filter(({ expected, found }) => found !== expected)
  if (wrong.length === 0) return
  const list = (count: 'expected' | 'found') =>
    wrong.map((each) => `${each[count]} in ${each.folder} (${each.label})`).join(', ')
  throw new DataError(
    `Expected ${list('expected')} of ${dataset}, received ${list('found')}. Correct fetch.classes if the data set has changed, or remove ${archive} to download it again.`,
  )
}

/** Works with the archive; deletes it when it is damaged, so that the next run downloads it again. */
async function withArchive<T>(dataset: string, archive: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DataError) || error instanceof FullDiskError) throw error
    await rm(archive, { force: true })
    throw new DataError(
      `Expected a whole archive of ${dataset} from Kaggle, received one that cannot be unpacked: ${messageOf(error.cause ?? error)}. Deleted; run it again to download it.`,
      { cause: error },
    )
  }
}

const DOWNLOADS_AT_ONCE = 3

/** Downloads test images that are published one by one; each is kept in the cache under its checksum. */
async function downloadTestImages(
  { url, sha256 }: NonNullable<KaggleParams['test']>,
  { environment, policy, label }: Required<KaggleOptions>,
): Promise<{ name: string; path: string }[]> {
  const folder = join(cacheFolder(environment), 'downloads/images')
  const images = [...sha256].map(([name, digest]) => ({ name, digest, path: join(folder, digest) }))
  const contents = new Map(images.map((image) => [image.digest, image]))
  const load = ({ name, digest, path }: (typeof images)[number]) =>
    download(
      {
        label,
        path,
        url: url + name,
        what: `the test image ${name} from ${withoutSecrets(url + name)}`,
        sha256: digest,
        remedyFor: () => 'Correct fetch.test, or name a folder with --test DIR.',
      },
      policy,
    )
  await pMap(contents.values(), load, { concurrency: DOWNLOADS_AT_ONCE })
  return images
}
