/**
 * What a browser would do, without one: loads a model over HTTP with plain TensorFlow.js (no native code) and predicts.
 *
 * usage   node test/support/plain-tfjs.ts <address of model.json> <JSON of pixels> <side>
 * prints  a JSON array of the probabilities
 */
import * as tf from '@tensorflow/tfjs'

const [address = '', pixels = '[]', side = '0'] = process.argv.slice(2)
await tf.setBackend('cpu')
const model = await tf.loadLayersModel(address)
const input = tf.tensor(JSON.parse(pixels) as number[], [1, Number(side), Number(side), 3])
console.log(JSON.stringify([...(model.predict(input) as tf.Tensor).dataSync()]))
