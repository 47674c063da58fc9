/** What a page does with a model: loads it with plain TensorFlow.js, on JavaScript alone, and predicts. Bundled by its test. */
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { loadLayersModel } from '@tensorflow/tfjs-layers'

/** Probabilities of images of a side, whose pixels are given one after the other. */
async function predict(address: string, pixels: readonly number[], side: number): Promise<number[]> {
  await tf.setBackend('cpu')
  const model = await loadLayersModel(address)
  const input = tf.tensor(Float32Array.from(pixels), [pixels.length / (side * side * 3), side, side, 3])
  return [...(model.predict(input) as tf.Tensor).dataSync()]
}

Object.assign(globalThis, { predict })
