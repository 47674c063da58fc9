import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import pMap from 'p-map'
import { fullDiskError } from '../core/disk.ts'
import { DataError } from '../core/errors.ts'
import { exists, readSha256, sha256, writeFileAtomically } from '../core/files.ts'
import { cacheFolder } from '../core/paths.ts'
import type { KaggleParams } from './params.ts'
import { type Patience, patiently, Setback } from './patience.ts'
import { ask } from './request.ts'

/** Images that are published one by one: each lies at `url` followed by its name, and has its SHA-256. */
export type Published = NonNullable<KaggleParams['test']>

interface Options {
  readonly label: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly patience: Patience
}

const DOWNLOADS_AT_ONCE = 3
/** An image that is larger than this is none. */
const GREATEST_BYTES = 50e6

/**
 * Has some published images in the cache, each under its checksum; what is there already is not asked for again.
 *
 * @throws DataError when one cannot be had, or is another image
 */
export async function loadPublished(published: Published, options: Options) {
  const folder = join(cacheFolder(options.environment), 'downloads/images')
  const images = Object.entries(published.sha256).map(([name, expected]) => ({
    name,
    expected,
    url: published.url + name,
    path: join(folder, expected),
  }))
  await pMap(images, (image) => loadImage(image, options), { concurrency: DOWNLOADS_AT_ONCE })
  return {
    copyTo: async (target: string) => {
      await mkdir(target, { recursive: true })
      for (const { name, path } of images) await copyFile(path, join(target, name))
    },
  }
}

interface Image {
  readonly name: string
  readonly expected: string
  readonly url: string
  readonly path: string
}

async function loadImage({ name, expected, url, path }: Image, { label, patience }: Options): Promise<void> {
  if ((await exists(path)) && (await readSha256(path)) === expected) return
  const what = `the test image ${name} from ${url}`
  const goal = { label, what, remedy: async () => 'Run it again later, or name a folder with --test DIR.' }
  const content = await patiently(goal, patience, () => load(url, what, patience))
  const received = sha256(content)
  if (received !== expected) {
    throw new DataError(
      `Expected the SHA-256 ${expected} of ${what}, received ${received}. Correct fetch.test if the image is the right one, or name a folder with --test DIR.`,
    )
  }
  await writeFileAtomically(path, content).catch((error: unknown) => {
    throw (
      fullDiskError(error, path, 'Make room there, or name another folder in PADDOCK_CACHE, and run it again.') ?? error
    )
  })
}

async function load(url: string, what: string, patience: Patience): Promise<Buffer> {
  const remedyFor = () => 'Correct fetch.test, or name a folder with --test DIR.'
  const answer = await ask({ url, headers: {}, what, remedyFor }, patience)
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  try {
    for await (const chunk of answer.chunks) {
      chunks.push(chunk)
      sizeBytes += chunk.length
      if (sizeBytes > GREATEST_BYTES) throw new DataError(`Expected ${what}, received too many bytes. ${remedyFor()}`)
    }
  } finally {
    await answer.close()
  }
  const announced = Number(answer.headers.get('content-length') ?? sizeBytes)
  if (sizeBytes < announced) throw new Setback(`its end after ${sizeBytes} of ${announced} bytes`)
  return Buffer.concat(chunks)
}
