import { type Examples, type Images, readBatches } from '../batches/batches.ts'
import { sha256 } from '../core/files.ts'
import { openProgress } from '../core/progress.ts'
import type { FrozenGraph } from '../tensorflow/fold.ts'
import { numericsOf, readCode } from '../tensorflow/identity.ts'
import { type Inference, openInference } from '../tensorflow/inference.ts'
import type { LayerNode } from '../tensorflow/layer-graph.ts'
import { FEATURES_LIMIT_BYTES, featureFolder, openFeatureCache } from './feature-cache.ts'

/** A frozen backbone that looks at images; dispose it. */
export interface FeatureExtractor {
  /** Features of the images of a part and all their variants, as examples `[C]`; the part is a word for whoever watches. */
  extract(images: Images, part: string): Promise<Examples>
  dispose(): void
}

/** How a backbone is run. */
export interface FeatureOptions {
  readonly engine: 'compiled' | 'eager'
  readonly deterministic: boolean
  readonly threads: number | null
  /** Whose messages and progress they are, such as `train@net`. */
  readonly stage: string
  /** Shape of an image: `[S, S, 3]`. */
  readonly inputShape: readonly number[]
  readonly batchSize: number
  /** The parameter that says so. */
  readonly batchSizeKey: string
}

/**
 * Opens a frozen backbone: it runs once over each image and variant, and not at all where the cache has what it would give.
 *
 * The bits are the same with the cache and without: batches are filled up, so that they follow from image and key alone.
 */
export function openFeatures(backbone: FrozenGraph, options: FeatureOptions): FeatureExtractor {
  const { stage, inputShape, engine, batchSize, batchSizeKey } = options
  const cache = openFeatureCache({
    folder: featureFolder(),
    limitBytes: FEATURES_LIMIT_BYTES,
    warn: (message) => console.error(`${stage}: ${message}`),
  })
  let opened: Inference | undefined
  const open = () => openInference(backbone, { inputShape, engine, batchSize, batchSizeKey })
  return {
    extract: async (images, part) => {
      const key = await featuresKey(backbone, options, images)
      const features = (await cache.read(key)) ?? (await compute(images, part, key))
      return featureExamples(images, features)
    },
    dispose: () => opened?.dispose(),
  }

  async function compute(images: Images, part: string, key: string): Promise<Float32Array> {
    opened ??= open()
    const progress = openProgress(`${stage}: features of ${part}`, images.count * images.variants)
    try {
      const features = await computeFeatures(opened, images, batchSize, (done) => progress.update(done))
      await cache.write(key, features)
      return features
    } finally {
      progress.stop()
    }
  }
}

/** What identifies features: everything their bits depend on. How layers began and which are trained is no part of it. */
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
    code: await readCode(['tensorflow']),
    numerics: numericsOf({ deterministic, threads }),
  }
  return sha256(JSON.stringify(content))
}

/** What a layer computes, the same for a network that was built and for one that was saved and loaded. */
function computationOf({ name, className, config, inputs, weights }: LayerNode) {
  const settings = Object.entries(config).filter(([key]) => !key.endsWith('Initializer') && key !== 'trainable')
  return { name, className, settings, inputs, weights: weights.map((weight) => [weight.name, weight.shape]) }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** The outputs of a network for all images and variants, row by row: `[rows, C]` as one array. */
export async function computeFeatures(
  inference: Inference,
  images: Examples,
  batchSize: number,
  onProgress: (done: number) => void = () => {},
): Promise<Float32Array> {
  const rows = [...Array(images.count * images.variants).keys()]
  let features = new Float32Array(0)
  let done = 0
  for await (const { values, labels } of readBatches(images, rows, batchSize)) {
    const batch = inference.run(values, labels.length)
    const width = batch.length / labels.length
    if (done === 0) features = new Float32Array(rows.length * width)
    features.set(batch, done * width)
    done += labels.length
    onProgress(done)
  }
  return features
}

/** Features as examples like any others; they stay in memory, nothing of the images does. */
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
