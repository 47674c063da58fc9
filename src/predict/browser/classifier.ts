import * as tf from '@tensorflow/tfjs-core'
import { type LayersModel, loadLayersModel, type SymbolicTensor, model as subModel } from '@tensorflow/tfjs-layers'
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-webgl'
import { type Familiarity, openNovelty } from '../../scores/novelty.ts'
import { atTemperature } from '../../scores/temperature.ts'
import type { Description } from './description.ts'
import { type Heat, openHeatMap } from './heat-map.ts'
import type { Image } from './resize.ts'

/** The prediction for one image. */
export interface Reading {
  /** In the order of the classes, calibrated. */
  readonly probabilities: readonly number[]
  /** Index of the predicted class. */
  readonly best: number
  /** Heat map for that class; undefined when the network has no layer with height and width. */
  readonly heat: Heat | undefined
  /** Undefined where there are no training images to compare with. */
  readonly familiarity: Familiarity | undefined
}

export interface Classifier {
  /** Backend of TensorFlow.js: `webgl` or `cpu`. */
  readonly backend: string
  classify(image: Image): Promise<Reading>
}

/**
 * Loads the model and runs it once on a black image, so that the first image does not wait for the shaders.
 *
 * @param rows the references of `novelty`
 */
export async function openClassifier(
  address: string,
  { image: { size }, temperature, novelty, classes }: Description,
  rows: Int8Array,
): Promise<Classifier> {
  await chooseBackend()
  const model = await loadLayersModel(address)
  const heatMap = openHeatMap(model)
  const compare = novelty && openNovelty({ ...novelty, rows }, classes)
  const features = novelty && (model.getLayer(novelty.layer).output as SymbolicTensor)
  const both = features && subModel({ inputs: model.inputs, outputs: [features, ...model.outputs] })
  const classify = async ({ pixels }: Image): Promise<Reading> => {
    const input = tf.tensor4d(Float32Array.from(pixels), [1, size, size, 3])
    try {
      const [own = new Float32Array(), seen] = (await outputsOf(both ?? model, input)).reverse()
      const best = own.indexOf(Math.max(...own))
      return {
        probabilities: atTemperature([...own], temperature),
        best,
        heat: await heatMap?.(input, best),
        familiarity: seen && compare?.(seen),
      }
    } finally {
      input.dispose()
    }
  }
  await classify({ width: size, height: size, pixels: new Uint8Array(size * size * 3) })
  return { backend: tf.getBackend(), classify }
}

/** Half precision would change probabilities, so a graphics card with nothing else is not used. */
async function chooseBackend(): Promise<void> {
  const works = await tf.setBackend('webgl').catch(() => false)
  if (works && tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) return
  await tf.setBackend('cpu')
  await tf.ready()
}

async function outputsOf(model: LayersModel, input: tf.Tensor): Promise<Float32Array[]> {
  const outputs = [tf.tidy(() => model.predict(input))].flat()
  try {
    return await Promise.all(outputs.map((output) => output.data<'float32'>()))
  } finally {
    tf.dispose(outputs)
  }
}
