import { encodePng } from '../../src/fetch/sample/png.ts'
import { SAMPLE_LABELS, samplePixels } from '../../src/fetch/sample.ts'
import { decodePixels } from '../../src/images/decode.ts'
import { rowsOf } from '../../src/network/predict.ts'
import { saveModel } from '../../src/network/saved.ts'
import { graphUpTo, type LayerGraph, layerGraphOf, setWeights, weightsOf } from '../../src/tensorflow/graph.ts'
import { openInference } from '../../src/tensorflow/inference.ts'
import { tf } from '../../src/tensorflow/raw.ts'

/** Names that are markup. */
export const CLASSES = [
  '</script><script>window.hit = 1</script>',
  `"'><img src=x onerror="window.hit = 2">`,
  'horse & foal',
]
export const TEMPERATURE = 1.3

const SIZE = 96
const EACH = 12
const STEPS = 400
const FEATURES = 'global_average_pooling2d'

/** What evaluate wrote of the model, as far as the demo reads it: all answers from `sure` on are right. */
export function writtenOf({ sure }: { sure: number }) {
  const image = (probability: number, right: boolean) => ({
    id: `train/${probability}.png`,
    part: 'validation' as const,
    label: right ? 'a' : 'b',
    prediction: 'a',
    probabilities: [probability, 1 - probability],
    calibrated: [probability, 1 - probability],
  })
  return {
    predictions: [image(0.5, false), image(sure, true), image(0.99, true)],
    calibration: { temperature: TEMPERATURE, outcome: 'fitted' as const },
  }
}

/**
 * Saves a small network that tells drawn images apart without training: random layers, and a last one that is fitted to their
 * features by plain gradient descent, so that its answers are of every kind.
 */
export async function saveSampleModel(folder: string): Promise<void> {
  const input = tf.input({ shape: [SIZE, SIZE, 3], name: 'image' })
  const glorot = (seed: number) => ({ kernelInitializer: tf.initializers.glorotUniform({ seed }) })
  const layers = [
    tf.layers.rescaling({ scale: 1 / 127.5, offset: -1, name: 'rescaling' }),
    tf.layers.conv2d({ filters: 24, kernelSize: 5, strides: 3, activation: 'relu', name: 'conv', ...glorot(1) }),
    tf.layers.conv2d({ filters: 48, kernelSize: 3, strides: 2, activation: 'relu', name: 'conv_1', ...glorot(2) }),
    tf.layers.globalAveragePooling2d({ name: FEATURES, dataFormat: 'channelsLast' }),
    tf.layers.dense({ units: CLASSES.length, activation: 'softmax', name: 'classification' }),
  ]
  const output = layers.reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input)
  const model = tf.model({ inputs: input, outputs: output })
  const weights = weightsOf(model)
  const last = await fitLast(graphUpTo(layerGraphOf(model), FEATURES), weights)
  const [kernel = '', bias = ''] = [...weights.keys()].slice(-2)
  setWeights(
    model,
    new Map([
      [kernel, last.kernel],
      [bias, last.bias],
    ]),
  )
  const trainImages = Object.fromEntries(CLASSES.map((name) => [name, EACH]))
  await saveModel(folder, model, {
    config: 'net',
    architecture: 'small',
    mode: 'zero',
    classes: CLASSES,
    trainImages,
    epochs: 1,
    bestEpoch: 1,
    image: { size: SIZE, fit: 'cover' },
  })
}

async function fitLast(graph: LayerGraph, weights: ReadonlyMap<string, Float32Array>) {
  const labels = Array.from({ length: EACH * SAMPLE_LABELS.length }, (_, i) => i % SAMPLE_LABELS.length)
  const images = await Promise.all(
    labels.map((label, number) => {
      const name = SAMPLE_LABELS[label] ?? 'cat'
      const pixels = samplePixels({ set: 'train', label: name, number: number + 1, size: 320 }, 1)
      return decodePixels(encodePng(pixels, 320), { size: SIZE, fit: 'cover' })
    }),
  )
  const inference = openInference({ graph, weights }, { inputShape: [SIZE, SIZE, 3], engine: 'compiled' })
  const rows = rowsOf(inference.run(Buffer.concat(images), images.length), images.length)
  inference.dispose()
  const width = rows[0]?.length ?? 0
  const columns = Array.from({ length: width }, (_, i) => rows.map((row) => row[i] ?? 0))
  const means = columns.map(mean)
  const spreads = columns.map(
    (column, i) => Math.sqrt(mean(column.map((value) => (value - (means[i] ?? 0)) ** 2))) + 1e-3,
  )
  const inputs = rows.map((row) => row.map((value, i) => (value - (means[i] ?? 0)) / (spreads[i] ?? 1)))
  const fitted = CLASSES.map(() => new Float64Array(width))
  for (let step = 0; step < STEPS; step++) {
    inputs.forEach((input, place) => {
      const logits = fitted.map((weights) => dot(weights, input))
      const powers = logits.map((logit) => Math.exp(logit - Math.max(...logits)))
      const total = powers.reduce((sum, power) => sum + power, 0)
      fitted.forEach((weights, k) => {
        const slope = ((powers[k] ?? 0) / total - (labels[place] === k ? 1 : 0)) / (4 * width)
        input.forEach((value, i) => {
          weights[i] = (weights[i] ?? 0) - slope * value
        })
      })
    })
  }
  const kernel = Float32Array.from({ length: width * CLASSES.length }, (_, at) => {
    const i = Math.floor(at / CLASSES.length)
    return (fitted[at % CLASSES.length]?.[i] ?? 0) / (spreads[i] ?? 1)
  })
  const bias = Float32Array.from(
    fitted,
    (weights) =>
      -dot(
        weights,
        means.map((value, i) => value / (spreads[i] ?? 1)),
      ),
  )
  return { kernel, bias }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function dot(weights: Float64Array, values: readonly number[]): number {
  return values.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0)
}
