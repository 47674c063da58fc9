import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import pMap from 'p-map'
import type { WeightsSource } from '../config/schema.ts'
import { messageOf, WeightsError } from '../core/errors.ts'
import { exists, sha256, temporaryName } from '../core/files.ts'
import { cacheFolder } from '../core/paths.ts'
import { type NamedTensor, parseManifest, type ShardGroup, tensorsOf } from './manifest.ts'
import type { PretrainedWeights } from './network.ts'

/** The tensors of a file of weights by name, e.g. `conv1/kernel`. */
export interface NamedWeights {
  /** Where they were found, for messages. */
  readonly place: string
  readonly tensors: ReadonlyMap<string, NamedTensor>
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads one file that lies beside model.json. */
type ReadBeside = (file: string) => Promise<Uint8Array>

/** A layers model: model.json, and the shards in the order in which it names them. */
interface Bundle {
  readonly place: string
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly groups: readonly ShardGroup[]
}

const DOWNLOADS_AT_ONCE = 6
const DOWNLOAD_TIMEOUT_MS = 120_000

/** The weights that an entry asks for: its own, else the official ones. @throws WeightsError when there are none, or none that can be checked. */
export function pretrainedSource(
  config: string,
  own: WeightsSource | undefined,
  official: PretrainedWeights | null,
): WeightsSource {
  if (own) return own
  if (official?.sha256) return { url: official.url, sha256: official.sha256 }
  const known = official
    ? `only the address ${official.url}, whose SHA-256 is not known here`
    : 'none, and none are published'
  throw new WeightsError(
    `Expected weights for ${config}, received ${known}. Add weights: {path or url, sha256} to its entry.`,
  )
}

/**
 * The weights of a TensorFlow.js layers model, whole and checked: never others than those that were asked for.
 *
 * `sha256` is that of model.json followed by its shards in the order of its manifest, so that every byte counts:
 * `cat model.json group1-shard1of1 … | sha256sum`. An address is looked for in the cache, then in the folder that
 * PADDOCK_MIRROR names (under the last two parts of the address, else the last), then in the network; what was found is kept
 * in the cache.
 *
 * @throws WeightsError
 */
export async function readWeights(
  source: WeightsSource,
  environment: Environment = process.env,
): Promise<NamedWeights> {
  if (source.path !== undefined)
    return named(checked(await readBundle(source.path, readBeside(source.path)), source.sha256))
  const url = source.url ?? ''
  const cached = join(cacheFolder(environment), 'weights', source.sha256, fileOf(url))
  if (await exists(cached)) return named(checked(await readBundle(cached, readBeside(cached)), source.sha256))
  const mirrored = await findInMirror(url, environment.PADDOCK_MIRROR)
  const bundle = mirrored
    ? await readBundle(mirrored, readBeside(mirrored))
    : await readBundle(url, (file) => download(url, file, dirname(cached)))
  await saveBundle(dirname(cached), checked(bundle, source.sha256))
  return named(bundle)
}

async function readBundle(place: string, read: ReadBeside): Promise<Bundle> {
  const listing = fileOf(place)
  const json = await read(listing)
  const groups = parseManifest(Buffer.from(json).toString('utf8'), place)
  const shards = await pMap(
    groups.flatMap(({ paths }) => paths),
    async (path) => [path, await read(path)] as const,
    { concurrency: DOWNLOADS_AT_ONCE },
  )
  return { place, files: new Map([[listing, json] as const, ...shards]), groups }
}

function checked(bundle: Bundle, expected: string): Bundle {
  const hash = createHash('sha256')
  for (const content of bundle.files.values()) hash.update(content)
  const received = hash.digest('hex')
  if (received === expected) return bundle
  const [json] = bundle.files.values()
  const hint =
    json && sha256(json) === expected
      ? ' The expected one is that of model.json alone, which leaves the shards unchecked.'
      : ''
  throw new WeightsError(
    `Expected weights with SHA-256 ${expected} (model.json, then its shards in order), received ${received} from ${bundle.place}.${hint} Correct the checksum, or remove these files and get the right ones.`,
  )
}

function named({ place, files, groups }: Bundle): NamedWeights {
  const shards = groups.map((group) => ({
    group,
    content: Buffer.concat(group.paths.map((path) => files.get(path) ?? new Uint8Array())),
  }))
  return { place, tensors: new Map(shards.flatMap(({ group, content }) => tensorsOf(group, content, place))) }
}

function readBeside(path: string): ReadBeside {
  return (file) =>
    readFile(join(dirname(path), file)).catch((error: unknown) => {
      throw new WeightsError(
        `Expected weights at ${path}, received: ${messageOf(error)}. Put all files of the model there.`,
      )
    })
}

/** Where the mirror has the file: under the last two parts of its address, else the last. */
async function findInMirror(url: string, mirror: string | undefined): Promise<string | undefined> {
  if (!mirror) return undefined
  const parts = new URL(url).pathname.split('/')
  const candidates = [join(mirror, ...parts.slice(-2)), join(mirror, ...parts.slice(-1))]
  const found = await Promise.all(candidates.map(exists))
  return candidates.find((_, index) => found[index])
}

async function download(url: string, file: string, cache: string): Promise<Uint8Array> {
  try {
    const response = await fetch(new URL(file, url), { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) })
    if (!response.ok) throw new Error(`status ${response.status}`)
    return new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    const reason = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error)
    throw new WeightsError(
      `Expected weights at ${new URL(file, url)}, received: ${reason}. Connect to the network, set PADDOCK_MIRROR to a folder with ${new URL(url).pathname.split('/').slice(-2).join('/')} and its shards, or put these files into ${cache}.`,
    )
  }
}

/** Keeps the files under their checksum, whole or not at all; another process may have been quicker. */
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
