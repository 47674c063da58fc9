import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Examples, Images } from '../batches/batches.ts'
import { messageOf } from '../core/errors.ts'
import { sha256, writeFileAtomically } from '../core/files.ts'
import { cacheFolder } from '../core/paths.ts'
import { openProgress } from '../core/progress.ts'
import type { Numerics } from '../tensorflow/environment.ts'
import type { FrozenGraph } from '../tensorflow/fold.ts'
import { numericsOf, readCode } from '../tensorflow/identity.ts'
import { type Inference, openInference } from '../tensorflow/inference.ts'
import type { LayerNode } from '../tensorflow/layers.ts'
import { outputsOf } from './predict.ts'

/** The layers of a network up to its features; dispose it. */
export interface FeatureExtractor {
  /** Features of images and all their variants, as examples `[C]`; `part` is shown in the progress line. */
  extract(images: Images, part: string): Promise<Examples>
  dispose(): void
}

/** How a backbone is run. */
export interface FeatureOptions extends Numerics {
  readonly engine: 'compiled' | 'eager'
  /** Prefix of messages and progress: `train@net`. */
  readonly stage: string
  /** Shape of an image: `[S, S, 3]`. */
  readonly inputShape: readonly number[]
  readonly batchSize: number
  /** The parameter that sets the size of a batch. */
  readonly batchSizeKey: string
  /** Whether features are kept; true by default. Only those of a backbone that more than one stage runs are worth it. */
  readonly isCached?: boolean
}

/**
 * Opens a backbone: it runs once over each image and variant, and not at all when the cache has its features.
 *
 * The bits are the same with and without the cache: batches are padded, so that features depend on image and key only.
 */
export function openFeatures(backbone: FrozenGraph, options: FeatureOptions): FeatureExtractor {
  const { stage, inputShape, engine, batchSize, batchSizeKey, isCached = true } = options
  const cache = openFeatureCache(featureFolder(), LIMIT_BYTES, (message) => console.error(`${stage}: ${message}`))
  let opened: Inference | undefined
  const open = () => openInference(backbone, { inputShape, engine, batchSize, batchSizeKey })
  return {
    extract: async (images, part) => {
      if (!isCached) return featureExamples(images, await compute(images, part))
      const key = await featuresKey(backbone, options, images)
      const features = (await cache.read(key)) ?? (await compute(images, part, key))
      return featureExamples(images, features)
    },
    dispose: () => opened?.dispose(),
  }

  async function compute(images: Images, part: string, key?: string): Promise<Float32Array> {
    opened ??= open()
    using progress = openProgress(`${stage}: features of ${part}`, images.count * images.variants)
    const features = await outputsOf(opened, images, batchSize, (done) => progress.update(done))
    if (key !== undefined) await cache.write(key, features)
    return features
  }
}

/** Identity of features: everything that their bits depend on. Initializers and `trainable` are left out. */
async function featuresKey(
  { graph, weights }: FrozenGraph,
  { batchSize, engine, deterministic, threads }: FeatureOptions,
  images: Images,
): Promise<string> {
  const names = graph.flatMap((layer) => layer.weights.map((weight) => weight.name))
  const content = {
    graph: graph.map(computationOf),
    weights: names.map((name) => sha256(bytesOf(weights.get(name) ?? new Float32Array(0)))),
    images: await images.digest(),
    batchSize,
    engine,
    code: await readCode(['network', 'tensorflow']),
    numerics: await numericsOf({ deterministic, threads }),
  }
  return sha256(JSON.stringify(content))
}

/** What a layer computes: the same for a built network and for one that was saved and loaded. */
function computationOf({ name, className, config, inputs, weights }: LayerNode) {
  const settings = Object.entries(config).filter(([key]) => !key.endsWith('Initializer') && key !== 'trainable')
  return { name, className, settings, inputs, weights: weights.map((weight) => [weight.name, weight.shape]) }
}

/** Features, kept in memory, as examples. */
function featureExamples({ count, variants, labels, ids }: Examples, features: Float32Array): Examples {
  const width = count > 0 ? features.length / (count * variants) : 0
  return {
    count,
    variants,
    labels,
    ids,
    inputShape: [width],
    read: async (wanted) => {
      const batch = new Float32Array(wanted.length * width)
      for (const [place, row] of wanted.entries()) {
        batch.set(features.subarray(row * width, (row + 1) * width), place * width)
      }
      return batch
    },
    close: async () => {},
  }
}

/** Features on disk, by their key. No result depends on it. */
export interface FeatureCache {
  /** The values; undefined when they are missing or damaged. */
  read(key: string): Promise<Float32Array | undefined>
  /** Writes values; removes the least recently used files beyond the limit. */
  write(key: string, values: Float32Array): Promise<void>
}

/** Maximum size of all files together. */
const LIMIT_BYTES = 4e9
const DIGEST_BYTES = 32

/** The folder of the cache: `PADDOCK_FEATURES`, else in the user's cache folder. */
export function featureFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return environment.PADDOCK_FEATURES || join(cacheFolder(environment), 'features')
}

/** A cache in a folder: one file per key, little-endian floats and the SHA-256 of key and floats. */
export function openFeatureCache(folder: string, limitBytes: number, warn: (message: string) => void): FeatureCache {
  const pathOf = (key: string) => join(folder, `${key}.features`)
  return {
    read: async (key) => {
      const path = pathOf(key)
      const bytes = await readFile(path).catch(() => undefined)
      if (!bytes) return undefined
      const content = bytes.subarray(0, -DIGEST_BYTES)
      if (!digestOf(key, content).equals(bytes.subarray(-DIGEST_BYTES))) {
        warn(`Expected features in ${path}, received a damaged file. They are computed again.`)
        return undefined
      }
      const now = new Date()
      await utimes(path, now, now).catch(() => {}) // a read-only cache works too
      return new Float32Array(Uint8Array.from(content).buffer)
    },
    write: async (key, values) => {
      const content = bytesOf(values)
      try {
        await writeFileAtomically(pathOf(key), Buffer.concat([content, digestOf(key, content)]))
        await removeOldest(folder, limitBytes)
      } catch (error) {
        warn(`the features could not be cached: ${messageOf(error)}. The next run computes them again.`)
      }
    },
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

function digestOf(key: string, content: Uint8Array): Buffer {
  return createHash('sha256').update(key).update(content).digest()
}

/** Keeps a folder of files below a limit: those used longest ago go first, what an interrupted run left among them. */
export async function removeOldest(folder: string, limitBytes: number): Promise<void> {
  const files = await Promise.all((await readdir(folder)).map((name) => describeFile(join(folder, name))))
  let total = 0
  for (const { path, size } of files.sort((a, b) => b.mtimeMs - a.mtimeMs)) {
    total += size
    if (total > limitBytes) await rm(path, { force: true })
  }
}

/** A file that another run has just removed counts for nothing. */
async function describeFile(path: string): Promise<{ path: string; size: number; mtimeMs: number }> {
  const { size, mtimeMs } = await stat(path).catch(() => ({ size: 0, mtimeMs: 0 }))
  return { path, size, mtimeMs }
}
