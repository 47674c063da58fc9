import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { io } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import type { ImageParams } from '../config/shapes.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { readSha256, sha256, writeFileAtomically, writeFolderAtomically } from '../core/files.ts'
import { type LayerGraph, layerGraphOf, weightsOf } from '../tensorflow/graph.ts'
import { tf } from '../tensorflow/raw.ts'

/** The metadata of a saved model; predictions need all of it. */
export interface ModelCard {
  readonly config: string
  readonly architecture: string
  readonly mode: string
  /** In the order of the outputs. */
  readonly classes: readonly string[]
  /** Training images of each class, without their variants. */
  readonly trainImages: Readonly<Record<string, number>>
  /** Number of epochs trained, and the epoch (from 1) whose weights were kept. */
  readonly epochs: number
  readonly bestEpoch: number
  /** How an image becomes an input. */
  readonly image: ImageParams
}

/** A trained network, ready for inference. */
export interface SavedModel extends ModelCard {
  readonly graph: LayerGraph
  readonly weights: ReadonlyMap<string, Float32Array>
  readonly parameters: { readonly total: number; readonly trainable: number }
}

const cardSchema = z.object({
  config: z.string(),
  architecture: z.string(),
  mode: z.string(),
  classes: z.array(z.string()),
  trainImages: z.record(z.string(), z.int()),
  epochs: z.int(),
  bestEpoch: z.int(),
  image: z.object({ size: z.int(), fit: z.enum(['cover', 'fill']) }),
})

const TOPOLOGY_FILE = 'model.json'
const WEIGHTS_FILE = 'weights.bin'

/**
 * Writes a TensorFlow.js layers model for stock `tf.loadLayersModel`: model.json and weights.bin, whole or not at all.
 *
 * The model takes raw pixels `[N, S, S, 3]` in 0..255 and returns probabilities `[N, K]`. The card is its user-defined metadata.
 */
export async function saveModel(folder: string, model: tf.LayersModel, card: ModelCard): Promise<void> {
  model.setUserDefinedMetadata({ ...card })
  await writeFolderAtomically(folder, async (temporary) => {
    await model.save(
      tf.io.withSaveHandler(async ({ modelTopology, weightData, weightSpecs, userDefinedMetadata, ...rest }) => {
        const manifest = {
          format: rest.format,
          generatedBy: rest.generatedBy,
          convertedBy: null,
          modelTopology,
          weightsManifest: [{ paths: [WEIGHTS_FILE], weights: weightSpecs }],
          userDefinedMetadata,
        }
        await writeFileAtomically(join(temporary, TOPOLOGY_FILE), `${JSON.stringify(manifest)}\n`)
        await writeFileAtomically(join(temporary, WEIGHTS_FILE), Buffer.from(weightData as ArrayBuffer))
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
      }),
    )
  })
}

/** Loads a model that `saveModel` wrote. @throws DataError when it is missing, damaged or from another program. */
export async function loadModel(folder: string): Promise<SavedModel> {
  const [text, weightData] = await readFiles(folder)
  const { modelTopology, weightsManifest, userDefinedMetadata } = parseTopology(text, folder)
  const weightSpecs = weightsManifest.flatMap((group) => group.weights)
  const expected = weightSpecs.reduce(
    (sum, spec) => sum + 4 * spec.shape.reduce((product, size) => product * size, 1),
    0,
  )
  if (weightData.length !== expected) {
    throw new DataError(
      `Expected ${expected} bytes in ${join(folder, WEIGHTS_FILE)}, received ${weightData.length}. Train the configuration again.`,
    )
  }
  const data = weightData.buffer.slice(weightData.byteOffset, weightData.byteOffset + weightData.length) as ArrayBuffer
  const model = await tf.loadLayersModel(
    tf.io.fromMemory({ modelTopology, weightSpecs: weightSpecs as io.WeightsManifestEntry[], weightData: data }),
  )
  const saved = {
    ...userDefinedMetadata,
    graph: layerGraphOf(model),
    weights: weightsOf(model),
    parameters: countParameters(model),
  }
  model.dispose()
  return saved
}

/** The number of all parameters, and of those that training changes. */
export function countParameters(model: tf.LayersModel): { total: number; trainable: number } {
  const count = (weights: readonly { shape: readonly (number | null)[] }[]) =>
    weights.reduce((sum, { shape }) => sum + shape.reduce<number>((product, size) => product * (size ?? 1), 1), 0)
  return { total: count(model.weights), trainable: count(model.trainableWeights) }
}

async function readFiles(folder: string): Promise<[string, Buffer]> {
  try {
    return [await readFile(join(folder, TOPOLOGY_FILE), 'utf8'), await readFile(join(folder, WEIGHTS_FILE))]
  } catch (error) {
    throw missingModel(folder, error)
  }
}

function missingModel(folder: string, cause: unknown): DataError {
  return new DataError(`Expected a model in ${folder}, received: ${messageOf(cause)}. Run \`npm run repro\`.`, {
    cause,
  })
}

const topologySchema = z.object({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(
    z.object({
      weights: z.array(z.object({ name: z.string(), shape: z.array(z.int()), dtype: z.literal('float32') })),
    }),
  ),
  userDefinedMetadata: cardSchema,
})

function parseTopology(text: string, folder: string) {
  try {
    return topologySchema.parse(JSON.parse(text))
  } catch (error) {
    throw new DataError(
      `Expected ${join(folder, TOPOLOGY_FILE)} to be a model that train wrote, received something else. Train the configuration again.`,
      { cause: error },
    )
  }
}

/** The identity of a saved model. */
export interface ModelDigest {
  /** SHA-256 of the output of `sha256sum *` in the model's folder. */
  readonly digest: string
  /** SHA-256 of each file, by name. */
  readonly files: Readonly<Record<string, string>>
}

/** Reads the digest of a saved model. @throws DataError when it is missing. */
export async function readModelDigest(folder: string): Promise<ModelDigest> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw missingModel(folder, error)
  })
  const hashes = await Promise.all(names.sort().map(async (name) => [name, await readSha256(join(folder, name))]))
  return {
    digest: sha256(hashes.map(([name, hash]) => `${hash}  ${name}\n`).join('')),
    files: Object.fromEntries(hashes) as Record<string, string>,
  }
}
