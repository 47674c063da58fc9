import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import pMap from 'p-map'
import { messageOf, WeightsError } from '../core/errors.ts'
import { exists, sha256, temporaryName } from '../core/files.ts'
import { cacheFolder } from '../core/paths.ts'
import type { PretrainedWeights } from './network.ts'
import type { WeightsSource } from './params.ts'
import { type NamedTensor, parseManifest, readKerasFile, type ShardGroup, shardTensors } from './weight-files.ts'

/** Weights by name: `conv1/kernel`. */
export interface NamedWeights {
  /** File or address that they came from, for messages. */
  readonly place: string
  /** keras: under Keras's names and with its order of channels. */
  readonly format: 'tfjs' | 'keras'
  readonly tensors: ReadonlyMap<string, NamedTensor>
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads a file by its name, from the folder of model.json. */
type ReadBeside = (file: string) => Promise<Uint8Array>

/** The files of a layers model, model.json and its shards in order; or one Keras HDF5 file. */
interface Bundle {
  readonly place: string
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly groups: readonly ShardGroup[]
}

/** A Keras HDF5 file, checked by the MD5 that Keras publishes. */
interface PublishedFile {
  readonly url: string
  readonly path?: undefined
  readonly md5: string
  readonly sizeBytes?: number | undefined
}

const KERAS_FILE = /\.(h5|hdf5)$/
const DOWNLOADS_AT_ONCE = 6
/** The largest HDF5 file, of EfficientNetB7, has about 260 MB. */
const DOWNLOAD_TIMEOUT_MS = { shard: 120_000, kerasFile: 1_800_000 }

/** The weights of an entry: its own, else the official ones. @throws WeightsError when there are none, or none with a known checksum. */
export function pretrainedSource(
  config: string,
  own: WeightsSource | undefined,
  official: Omit<PretrainedWeights, 'head' | 'licence'> | null,
): WeightsSource | PublishedFile {
  if (own) return own
  if (official?.md5) return { url: official.url, md5: official.md5, sizeBytes: official.sizeBytes }
  if (official?.sha256) return { url: official.url, sha256: official.sha256 }
  const known = official
    ? `only the address ${official.url}, whose SHA-256 is not known`
    : 'none, and none are published'
  throw new WeightsError(
    `Expected weights for ${config}, received ${known}. Add weights: {path or url, sha256} to its entry.`,
  )
}

/**
 * Reads the weights of a TensorFlow.js layers model or a Keras HDF5 file, and checks every byte.
 *
 * `sha256` is the checksum of the HDF5 file, or of model.json followed by its shards in the order of its manifest:
 * `cat model.json group1-shard1of1 … | sha256sum`. An address is looked up in the cache, then in the folder PADDOCK_MIRROR
 * (under the last two parts of the address, else the last), then downloaded; the files are kept in the cache.
 *
 * @throws WeightsError when the files are missing, damaged or have another checksum
 */
export async function readWeights(
  source: WeightsSource | PublishedFile,
  environment: Environment = process.env,
): Promise<NamedWeights> {
  const cached = cachePlace(source, environment)
  const local = source.path ?? (await findWeights(source, environment))
  const url = source.url ?? ''
  const read: ReadBeside =
    local === undefined ? (file) => download(url, file, dirname(cached), environment.PADDOCK_MIRROR) : readBeside(local)
  const bundle = checked(await readBundle(local ?? url, read), source)
  if (source.path !== undefined || local === cached) return named(bundle)
  await saveBundle(dirname(cached), bundle)
  return named(bundle, cached)
}

/** The local copy of an address in the cache or the mirror, unchecked; undefined: none. */
export async function findWeights(
  source: WeightsSource | PublishedFile,
  environment: Environment = process.env,
): Promise<string | undefined> {
  const cached = cachePlace(source, environment)
  return (await exists(cached)) ? cached : findInMirror(source.url ?? '', environment.PADDOCK_MIRROR)
}

function cachePlace(source: WeightsSource | PublishedFile, environment: Environment): string {
  const checksum = 'md5' in source ? source.md5 : source.sha256
  return join(cacheFolder(environment), 'weights', checksum, fileOf(source.url ?? ''))
}

async function readBundle(place: string, read: ReadBeside): Promise<Bundle> {
  const listing = fileOf(place)
  const json = await read(listing)
  const groups = KERAS_FILE.test(listing) ? [] : parseManifest(Buffer.from(json).toString('utf8'), place)
  const shards = await pMap(
    groups.flatMap(({ paths }) => paths),
    async (path) => [path, await read(path)] as const,
    { concurrency: DOWNLOADS_AT_ONCE },
  )
  return { place, files: new Map([[listing, json] as const, ...shards]), groups }
}

function checked(bundle: Bundle, source: WeightsSource | PublishedFile): Bundle {
  const [algorithm, expected] = 'md5' in source ? (['md5', source.md5] as const) : (['sha256', source.sha256] as const)
  const hash = createHash(algorithm)
  for (const content of bundle.files.values()) hash.update(content)
  const received = hash.digest('hex')
  if (received === expected) return bundle
  const [first = new Uint8Array()] = bundle.files.values()
  if ('md5' in source) {
    const size = source.sizeBytes === undefined ? '' : ` and ${source.sizeBytes} bytes`
    throw new WeightsError(
      `Expected weights with MD5 ${expected}${size}, received ${received} and ${first.length} bytes from ${bundle.place}. Delete this file and get the right one.`,
    )
  }
  const isListing = sha256(first) === expected
  const hint = isListing ? ' The expected checksum is that of model.json alone, which leaves the shards unchecked.' : ''
  const order = KERAS_FILE.test(bundle.place) ? '' : ' (model.json, then its shards in order)'
  throw new WeightsError(
    `Expected weights with SHA-256 ${expected}${order}, received ${received} from ${bundle.place}.${hint} Correct the checksum, or delete these files and get the right ones.`,
  )
}

/** The tensors of a bundle; an HDF5 file is read again from `path`. */
async function named({ place, files, groups }: Bundle, path = place): Promise<NamedWeights> {
  if (KERAS_FILE.test(path)) return { place, format: 'keras', tensors: await readKerasFile(path) }
  const tensors = groups.flatMap((group) => {
    const content = Buffer.concat(group.paths.map((path) => files.get(path) ?? new Uint8Array()))
    return shardTensors(group, content, place)
  })
  return { place, format: 'tfjs', tensors: new Map(tensors) }
}

function readBeside(path: string): ReadBeside {
  return (file) =>
    readFile(join(dirname(path), file)).catch((error: unknown) => {
      throw new WeightsError(
        `Expected weights at ${path}, received: ${messageOf(error)}. Put all files of the model there.`,
      )
    })
}

/** The file in the mirror, under the last two parts of its address, else the last. */
async function findInMirror(url: string, mirror: string | undefined): Promise<string | undefined> {
  if (!mirror) return undefined
  const parts = new URL(url).pathname.split('/')
  const candidates = [join(mirror, ...parts.slice(-2)), join(mirror, ...parts.slice(-1))]
  const found = await Promise.all(candidates.map(exists))
  return candidates.find((_, index) => found[index])
}

async function download(url: string, file: string, cache: string, mirror = ''): Promise<Uint8Array> {
  const single = KERAS_FILE.test(file)
  try {
    const timeoutMs = single ? DOWNLOAD_TIMEOUT_MS.kerasFile : DOWNLOAD_TIMEOUT_MS.shard
    const response = await fetch(new URL(file, url), { signal: AbortSignal.timeout(timeoutMs) })
    if (!response.ok) throw new Error(`status ${response.status}`)
    return new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    const reason = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error)
    const [files, these] = single ? ['', 'this file'] : [' and its shards', 'these files']
    const place = `${new URL(url).pathname.split('/').slice(-2).join('/')}${files}`
    const offline = mirror
      ? `put ${place} into PADDOCK_MIRROR, ${(await exists(mirror)) ? `${mirror}, which lacks ${single ? 'it' : 'them'}` : `${mirror}, which does not exist`}`
      : `set PADDOCK_MIRROR to a folder with ${place}`
    throw new WeightsError(
      `Expected weights at ${new URL(file, url)}, received: ${reason}. Connect to the network, ${offline}, or put ${these} into ${cache}.`,
    )
  }
}

/** Caches the files under their checksum, whole or not at all; another process may have been first. */
async function saveBundle(folder: string, { files }: Bundle): Promise<void> {
  const temporary = temporaryName(folder)
  try {
    await mkdir(temporary, { recursive: true })
    for (const [name, content] of files) await writeFile(join(temporary, name), content)
    await rename(temporary, folder)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    if (!(await exists(folder))) throw error
  }
}

function fileOf(place: string): string {
  return basename(URL.canParse(place) ? new URL(place).pathname : place)
}
