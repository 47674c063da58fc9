import * as tf from '@tensorflow/tfjs-core'
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers'
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-webgl'
import { atTemperature } from '../../scores/temperature.ts'
import { type Heat, openHeatMap } from './heat-map.ts'
import type { Image } from './resize.ts'

/** What the network says of an image. */
export interface Reading {
  /** In the order of the classes, calibrated. */
  readonly probabilities: readonly number[]
  /** Place of the likeliest class. */
  readonly best: number
  /** What speaks for that class, from 0 to 1, `[height, width]`; undefined where the network has no layer that shows it. */
  readonly heat: Heat | undefined
}

export interface Classifier {
  /** The library's name of what it runs on: `webgl` or `cpu`. */
  readonly backend: string
  classify(image: Image): Promise<Reading>
}

/**
 * Loads the model, and runs it once on nothing, so that the first image need not wait for the graphics card.
 *
 * @param temperature by which the logits are divided
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

/** A graphics card that only has half precision would move probabilities, so the processor is used in its place. */
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
