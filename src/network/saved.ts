import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { imageParams } from '../config/shapes.ts'
import { DataError, messageOf } from '../core/errors.ts'
import { writeFileAtomically, writeFolderAtomically } from '../core/files.ts'
import { mapByName } from '../core/names.ts'
import { type LayerGraph, layerGraphOf, weightsOf } from '../tensorflow/graph.ts'
import { tf } from '../tensorflow/raw.ts'

const metadataSchema = z.object({
  config: z.string(),
  architecture: z.string(),
  mode: z.string(),
  /** In the order of the outputs. */
  classes: z.array(z.string()).readonly(),
  /** Training images of each class, without their variants. */
  trainImages: mapByName(z.int()),
  /** Number of epochs trained, and the epoch (from 1) whose weights were kept. */
  epochs: z.int(),
  bestEpoch: z.int(),
  /** How an image becomes an input. */
  image: imageParams,
  /** SHA-256 of the parameters of the training, and of the table of its images; evaluate compares them with its own. */
  training: z.object({ parameters: z.string(), images: z.string() }).exactOptional(),
})

/** The metadata of a saved model; predictions need all of it. */
export type ModelMetadata = z.infer<typeof metadataSchema>

/** A trained network, ready for inference. */
export interface SavedModel extends ModelMetadata {
  readonly graph: LayerGraph
  readonly weights: ReadonlyMap<string, Float32Array>
  readonly parameters: { readonly total: number; readonly trainable: number }
}

const TOPOLOGY_FILE = 'model.json'
const WEIGHTS_FILE = 'weights.bin'

/**
 * Writes a TensorFlow.js layers model for stock `tf.loadLayersModel`: model.json and weights.bin, whole or not at all.
 *
 * The model takes raw pixels `[N, S, S, 3]` in 0..255 and returns probabilities `[N, K]`. `metadata` becomes its
 * user-defined metadata.
 */
export async function saveModel(folder: string, model: tf.LayersModel, metadata: ModelMetadata): Promise<void> {
  model.setUserDefinedMetadata({ ...metadata, trainImages: Object.fromEntries(metadata.trainImages) })
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
  const read = async (file: string) =>
    readFile(join(folder, file)).catch((error) => Promise.reject(missingModel(folder, error)))
  const [text, weightData] = [await read(TOPOLOGY_FILE), await read(WEIGHTS_FILE)]
  const { modelTopology, weightsManifest, userDefinedMetadata } = parseTopology(text.toString(), folder)
  const weightSpecs = weightsManifest.flatMap((group) => group.weights)
  const expected = weightSpecs.reduce((sum, { shape }) => sum + 4 * tf.util.sizeFromShape(shape), 0)
  if (weightData.length !== expected) {
    throw new DataError(
      `Expected ${expected} bytes in ${join(folder, WEIGHTS_FILE)}, received ${weightData.length}. Train the configuration again.`,
    )
  }
  const data = new Uint8Array(weightData).buffer // a copy: a Buffer may start at any byte
  const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData: data }))
  const saved = savedModelOf(model, userDefinedMetadata)
  model.dispose()
  return saved
}

/** A model as `loadModel` would load it, were it saved with that metadata. */
export function savedModelOf(model: tf.LayersModel, metadata: ModelMetadata): SavedModel {
  return { ...metadata, graph: layerGraphOf(model), weights: weightsOf(model), parameters: countParameters(model) }
}

/** The number of all parameters, and of those that training changes. */
export function countParameters(model: tf.LayersModel): { total: number; trainable: number } {
  const count = (weights: tf.LayersModel['weights']) =>
    weights.reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape.map(Number)), 0)
  return { total: count(model.weights), trainable: count(model.trainableWeights) }
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
  userDefinedMetadata: metadataSchema,
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
