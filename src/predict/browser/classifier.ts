import * as tf from '@tensorflow/tfjs-core'
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers'
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-webgl'
import { atTemperature } from '../../scores/temperature.ts'
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
}

export interface Classifier {
  /** Backend of TensorFlow.js: `webgl` or `cpu`. */
  readonly backend: string
  classify(image: Image): Promise<Reading>
}

/**
 * Loads the model and runs it once on a black image, so that the first image does not wait for the shaders.
 *
 * @param temperature by what the logits are divided
 */
export async function openClassifier(address: string, size: number, temperature: number): Promise<Classifier> {
  await chooseBackend()
  const model = await loadLayersModel(address)
  const heatMap = openHeatMap(model)
  const classify = async ({ pixels }: Image): Promise<Reading> => {
    const input = tf.tensor4d(Float32Array.from(pixels), [1, size, size, 3])
    try {
      const own = await probabilitiesOf(model, input)
      const best = own.indexOf(Math.max(...own))
      return { probabilities: atTemperature(own, temperature), best, heat: await heatMap?.(input, best) }
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

async function probabilitiesOf(model: LayersModel, input: tf.Tensor): Promise<number[]> {
  const output = tf.tidy(() => model.predict(input) as tf.Tensor)
  try {
    return [...(await output.data())]
  } finally {
    output.dispose()
  }
}
