import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Params } from '../command-line/params.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { exists, readSha256, sha256 } from '../core/files.ts'
import { paths } from '../core/paths.ts'

/** The stages whose outcome a certificate vouches for. */
const STAGES = ['fetch', 'split', 'augment', 'train', 'evaluate'] as const
const CODE = /^(pipeline|src|native)\//
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** What stood behind the stages when they ran: images, code and packages. Parameters come apart. */
export interface Origins {
  /** Of the pinned images, as in data.dvc. */
  readonly pin: string
  /** SHA-256 of the list of images with their contents, and of the split. */
  readonly manifest: string
  readonly split: string
  /** Of each file of code that one of the stages depends on, by dvc.yaml; and of that of each architecture. */
  readonly code: Readonly<Record<string, string>>
  readonly architectures: Readonly<Record<string, string>>
  /** Versions of the npm packages of each stage, by packages.json. */
  readonly packages: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly tensorflow: string
  /** SHA-256 of src/tensorflow/native/runtime.json, which pins TensorFlow's files. */
  readonly runtime: string
}

/** What a certificate says of where a model comes from; every digest is a SHA-256. */
export interface Lineage {
  readonly data: { readonly pin: string; readonly manifest: string; readonly split: string; readonly testSet: string }
  /** Of the sections of params.yaml that the stages depend on, with the chosen entry of `models`. */
  readonly params: string
  /** Of what `sha256sum` prints for the code of the stages, in order of the paths. */
  readonly code: string
  /** Of the packages of each stage. */
  readonly packages: string
  /** Of all of these: the entries of dvc.lock from fetch to evaluate are alike where this is. */
  readonly stages: string
  readonly versions: Readonly<Record<string, string>>
}

/** Reads what stands behind the stages; `pin` is that of the images. @throws DataError when a file is missing. */
export async function readOrigins(pin: string, { models }: Pick<Params, 'models'>): Promise<Origins> {
  const files = await readCodeList()
  const named = [...new Set(Object.values(models).map(({ architecture }) => architecture))].sort()
  const packages = JSON.parse(await readText('packages.json')) as Record<string, { packages: Record<string, string> }>
  const runtime = await readText('src/tensorflow/native/runtime.json')
  return {
    pin,
    manifest: await readHash(paths.manifest),
    split: await readHash(paths.split),
    code: await readHashes(files, (path) => path),
    architectures: await readHashes(named, architectureFile),
    packages: Object.fromEntries(STAGES.map((stage) => [stage, packages[stage]?.packages ?? {}])),
    tensorflow: String((JSON.parse(runtime) as { tensorflow?: unknown }).tensorflow),
    runtime: sha256(runtime),
  }
}

/** Where the model of a configuration comes from. */
export function lineageOf(origins: Origins, params: Params, config: string, testSet: string): Lineage {
  const { seed, image, fetch, split, augment, train, evaluate, models } = params
  const digest = (value: unknown) => sha256(JSON.stringify(sorted(value)))
  const { architecture = '' } = models[config] ?? {}
  const own = { ...origins.code, [architectureFile(architecture)]: origins.architectures[architecture] ?? '' }
  const lines = Object.keys(own)
    .sort()
    .map((path) => `${own[path]}  ${path}\n`)
  const parts = {
    data: { pin: origins.pin, manifest: origins.manifest, split: origins.split, testSet },
    params: digest({ seed, image, fetch, split, augment, train, evaluate, models: { [config]: models[config] } }),
    code: sha256(lines.join('')),
    packages: digest(origins.packages),
  }
  const version = (name: string) => origins.packages.train?.[name] ?? origins.packages.fetch?.[name] ?? ''
  return {
    ...parts,
    stages: digest({ ...parts, runtime: origins.runtime }),
    versions: {
      TensorFlow: origins.tensorflow,
      'src/tensorflow/native/runtime.json': origins.runtime,
      '@tensorflow/tfjs-core': version('@tensorflow/tfjs-core'),
      '@tensorflow/tfjs-layers': version('@tensorflow/tfjs-layers'),
      sharp: version('sharp'),
    },
  }
}

const stage = z.object({ deps: z.array(z.string()) })
const pipeline = z.object({ stages: z.record(z.string(), z.union([stage, z.object({ do: stage })])) })

/** The code of the stages, sorted, but for the file of the architecture. */
async function readCodeList(): Promise<string[]> {
  const { stages } = pipeline.parse(parse(await readText(paths.dvcYaml)))
  const files = STAGES.flatMap((name) => {
    const entry = stages[name]
    const deps = entry === undefined ? [] : 'do' in entry ? entry.do.deps : entry.deps
    return deps.filter((path) => CODE.test(path) && !path.includes('$'))
  })
  return [...new Set(files)].sort()
}

async function readHashes(names: readonly string[], pathOf: (name: string) => string): Promise<Record<string, string>> {
  const entries = names.map(async (name) => [name, await readSha256(join(ROOT, pathOf(name)))] as const)
  return Object.fromEntries(await Promise.all(entries))
}

function architectureFile(architecture: string): string {
  return `src/models/${architecture}.ts`
}

async function readHash(path: string): Promise<string> {
  if (await exists(path)) return readSha256(path)
  throw new DataError(`Expected ${path}, received nothing. Run \`npm run repro\`.`)
}

async function readText(path: string): Promise<string> {
  return readFile(join(ROOT, path), 'utf8').catch((error: unknown) => {
    throw new DataError(`Expected ${path} in the checkout, received: ${messageOf(error)}. Restore it from git.`)
  })
}

/** The same value with the keys of every object in order, so that their order in a file does not matter. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]))
}
