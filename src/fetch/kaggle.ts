import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FullDiskError, megabytes } from '../core/disk.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { exists } from '../core/files.ts'
import { cacheFolder } from '../core/paths.ts'
import { extractArchive, listArchive } from './archive.ts'
import { readKaggleKey } from './kaggle-key.ts'
import type { KaggleParams } from './params.ts'
import { PATIENCE, type Patience } from './patience.ts'
import { loadPublished } from './published.ts'
import { loadLargeFile } from './resumable.ts'

/** Images of Kaggle that are on this machine, counted and ready to be put somewhere. */
export interface KaggleImages {
  /** Lines that say what they are. */
  readonly notes: readonly string[]
  /** Writes them into a folder in the layout of `data/`: the classes that are asked for, and the test images that are published. */
  readonly fill: (folder: string) => Promise<void>
}

export interface KaggleOptions {
  /** The command or stage that asks. */
  readonly label: string
  /** KAGGLE_API_ENDPOINT, as for Kaggle's own client, is where Kaggle answers. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly patience?: Patience
}

const ENDPOINT = 'https://www.kaggle.com'

/**
 * Has a data set of Kaggle, and the published test images, in the cache; what is there already is not asked for again.
 *
 * @throws ConfigError without a key; DataError when something cannot be had whole, or the images are not as many as expected
 */
export async function openKaggle(params: KaggleParams, options: KaggleOptions): Promise<KaggleImages> {
  const { environment = process.env, patience = PATIENCE, label } = options
  const archive = join(cacheFolder(environment), 'downloads/kaggle', `${params.dataset}.zip`)
  await loadArchive(params.dataset, archive, { environment, patience, label })
  const files = await whole(params.dataset, archive, () => listArchive(archive))
  expectCounts(params, files, archive)
  const test = params.test && (await loadPublished(params.test, { environment, patience, label }))
  const counts = Object.entries(params.classes).map(([name, { images }]) => `${name} ${images}`)
  return {
    notes: [
      `archive of ${params.dataset}: ${archive} (${megabytes((await stat(archive)).size)})`,
      `training images: ${counts.sort().join(', ')}`,
    ],
    fill: async (folder) => {
      await mkdir(folder, { recursive: true })
      await whole(params.dataset, archive, () => extractArchive(archive, folder, { placeOf: placesOf(params.classes) }))
      if (test) await test.copyTo(join(folder, 'test'))
    },
  }
}

async function loadArchive(
  dataset: string,
  path: string,
  { environment, patience, label }: Required<KaggleOptions>,
): Promise<void> {
  if (await exists(path)) return
  const { username, key, place, warning } = await readKaggleKey(environment)
  if (warning !== undefined) console.error(`${label}: ${warning}`)
  const credentials = Buffer.from(`${username}:${key}`).toString('base64')
  const file = {
    label,
    path,
    url: `${(environment.KAGGLE_API_ENDPOINT || ENDPOINT).replace(/\/+$/, '')}/api/v1/datasets/download/${dataset}`,
    headers: { authorization: `Basic ${credentials}` },
    what: `the archive of ${dataset} from Kaggle`,
    remedyFor: (status: number) => remedyFor(status, { dataset, place }),
  }
  await loadLargeFile(file, patience)
}

/** Kaggle answers 403 for a data set that is not there, too. */
function remedyFor(status: number, { dataset, place }: { dataset: string; place: string }): string {
  switch (status) {
    case 401:
      return `Kaggle does not know the key in ${place}: make a new one at https://www.kaggle.com/settings (API, Create New Token).`
    case 403:
      return `Kaggle refuses this to the key in ${place}: make a new one at https://www.kaggle.com/settings, accept the terms at https://www.kaggle.com/datasets/${dataset}, or correct fetch.dataset.`
    case 404:
      return 'Correct fetch.dataset.'
    default:
      return 'Run it again later.'
  }
}

/** Where a member belongs: images of the folders that are classes below `train/<label>/`, all others nowhere. */
function placesOf(classes: KaggleParams['classes']) {
  const labels = new Map(Object.entries(classes).map(([label, { folder }]) => [folder, label]))
  return (parts: readonly string[]) => {
    const [folder = '', file = ''] = parts.slice(-2)
    const label = labels.get(folder)
    return label === undefined || file === '' ? undefined : ['train', label, file]
  }
}

function expectCounts(
  { dataset, classes }: KaggleParams,
  files: readonly (readonly string[])[],
  archive: string,
): void {
  const counts = new Map<string, number>()
  for (const parts of files) {
    const folder = parts.at(-2) ?? ''
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  const wrong = Object.entries(classes).filter(([, { folder, images }]) => counts.get(folder) !== images)
  if (wrong.length === 0) return
  const words = (count: ([, { folder, images }]: (typeof wrong)[number]) => number) =>
    wrong.map((entry) => `${count(entry)} in ${entry[1].folder} (${entry[0]})`).join(', ')
  throw new DataError(
    `Expected ${words(([, { images }]) => images)} of ${dataset}, received ${words(([, { folder }]) => counts.get(folder) ?? 0)}. Correct fetch.classes if the data set has changed, or remove ${archive} to have it downloaded again.`,
  )
}

/** Works with the archive; one that turns out to be damaged is removed, so that the next run downloads it again. */
async function whole<T>(dataset: string, archive: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DataError) || error instanceof FullDiskError) throw error
    await rm(archive, { force: true })
    throw new DataError(
      `Expected a whole archive of ${dataset} from Kaggle, received one that cannot be unpacked: ${messageOf(error.cause ?? error)}. It is removed: run it again to download it anew.`,
      { cause: error },
    )
  }
}
