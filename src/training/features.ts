import type { Configuration } from '../config/load.ts'
import { sha256 } from '../core/files.ts'
import { openProgress } from '../core/progress.ts'
import { type Examples, type Pictures, readBatches } from '../dataset/batches.ts'
import type { Network } from '../models/network.ts'
import type { FrozenGraph } from '../tensorflow/fold.ts'
import { type Inference, openInference } from '../tensorflow/inference.ts'
import { graphUpTo, layerGraphOf, weightsOf } from '../tensorflow/layer-graph.ts'
import type { TrainingData } from './data.ts'
import { FEATURES_LIMIT_BYTES, type FeatureCache, featureFolder, openFeatureCache } from './feature-cache.ts'
import { numericsOf, readCode } from './identity.ts'

/** What of a configuration features depend on, and its name for whoever watches. */
type FeatureParams = Pick<Configuration, 'name' | 'train'>

/**
 * Features of the pictures of training and validation: the frozen backbone runs once over each picture and variant, and not
 * at all where the cache has what it would give.
 */
export async function extractTrainingFeatures(
  { model, features }: Network,
  configuration: FeatureParams,
  { training, validation }: Pick<TrainingData, 'training' | 'validation'>,
): Promise<{ training: Examples; validation: Examples }> {
  const { name, train } = configuration
  const backbone = { graph: graphUpTo(layerGraphOf(model), features), weights: weightsOf(model) }
  const cache = openFeatureCache({
    folder: featureFolder(),
    limitBytes: FEATURES_LIMIT_BYTES,
    warn: (message) => console.error(`train@${name}: ${message}`),
  })
  const inference = openInference(backbone, {
    inputShape: training.inputShape,
    engine: train.engine,
    batchSizeKey: 'train.inferenceBatchSize',
  })
  try {
    return {
      training: await cachedFeatures(cache, { backbone, inference }, configuration, training),
      validation: await cachedFeatures(cache, { backbone, inference }, configuration, validation),
    }
  } finally {
    inference.dispose()
  }
}

/** A frozen network twice: what it is made of, and ready to run. */
interface Backbone {
  readonly backbone: FrozenGraph
  readonly inference: Inference
}

async function cachedFeatures(
  cache: FeatureCache,
  { backbone, inference }: Backbone,
  { name, train }: FeatureParams,
  pictures: Pictures,
): Promise<Examples> {
  const key = await featuresKey(backbone, train, pictures)
  const kept = await cache.read(key)
  if (kept) return featureExamples(pictures, kept)
  const progress = openProgress(`train@${name}: features`, pictures.count * pictures.variants)
  try {
    const advance = (done: number) => progress.update(done)
    const features = await computeFeatures(inference, pictures, train.inferenceBatchSize, advance)
    await cache.write(key, features)
    return featureExamples(pictures, features)
  } finally {
    progress.stop()
  }
}

/** What identifies features: everything their bits depend on. */
async function featuresKey(
  { graph, weights }: FrozenGraph,
  train: Configuration['train'],
  pictures: Pictures,
): Promise<string> {
  const names = graph.flatMap((layer) => layer.weights.map((weight) => weight.name))
  const content = {
    graph,
    weights: names.map((name) => sha256(bytesOf(weights.get(name) ?? new Float32Array(0)))),
    pictures: await pictures.digest(),
    batchSize: train.inferenceBatchSize,
    engine: train.engine,
    code: await readCode(['tensorflow']),
    numerics: numericsOf(train),
  }
  return sha256(JSON.stringify(content))
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** The outputs of a network for all pictures and variants, row by row: `[rows, C]` as one array. */
export async function computeFeatures(
  inference: Inference,
  pictures: Examples,
  batchSize: number,
  onProgress: (done: number) => void = () => {},
): Promise<Float32Array> {
  const rows = [...Array(pictures.count * pictures.variants).keys()]
  let features = new Float32Array(0)
  let done = 0
  for await (const { values, labels } of readBatches(pictures, rows, batchSize)) {
    const batch = inference.run(values, labels.length)
    const width = batch.length / labels.length
    if (done === 0) features = new Float32Array(rows.length * width)
    features.set(batch, done * width)
    done += labels.length
    onProgress(done)
  }
  return features
}

/** Features as examples like any others; they stay in memory, nothing of the pictures does. */
function featureExamples({ count, variants, labels, ids }: Examples, features: Float32Array): Examples {
  const width = features.length / (count * variants)
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
