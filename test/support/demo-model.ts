import { measureNovelty } from '../../src/evaluate/novelty.ts'
import { encodePng } from '../../src/fetch/sample/png.ts'
import { SAMPLE_LABELS, samplePixels } from '../../src/fetch/sample.ts'
import { decodePixels } from '../../src/images/decode.ts'
import { rowsOf } from '../../src/network/predict.ts'
import { type SavedModel, saveModel } from '../../src/network/saved.ts'
import type { Novelty } from '../../src/scores/novelty.ts'
import { graphUpTo, type LayerGraph, layerGraphOf, setWeights, weightsOf } from '../../src/tensorflow/graph.ts'
import { openInference } from '../../src/tensorflow/inference.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { drawImage } from './images.ts'

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

/** What evaluate wrote of the model, as far as the demo reads it: 59 answers at `sure` are right, and one below is wrong. */
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
    predictions: [image(0.5, false), ...Array.from({ length: 59 }, () => image(sure, true))],
    calibration: { temperature: TEMPERATURE, outcome: 'fitted' as const },
    metrics: { validation: { independent: 60 } },
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
  const trainImages = new Map(CLASSES.map((name) => [name, EACH]))
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

/** The novelty detection of that network: references are what it was fitted to, the limit comes from 30 other drawings. */
export async function noveltyOf({ graph, weights }: SavedModel): Promise<Novelty> {
  const classes = [...CLASSES.keys()]
  const inference = openInference(
    { graph: graphUpTo(graph, FEATURES), weights },
    { inputShape: [SIZE, SIZE, 3], engine: 'compiled' },
  )
  const featuresOf = async (place: number, first: number, count: number) => {
    const images = await Promise.all(Array.from({ length: count }, (_, i) => drawn(place, first + i)))
    return rowsOf(inference.run(Buffer.concat(images), count), count).map((row) => Float32Array.from(row))
  }
  const references = (await Promise.all(classes.map((place) => featuresOf(place, 1, EACH)))).flat()
  const others = await Promise.all(classes.map((place) => featuresOf(place, 201, 10)))
  inference.dispose()
  const examples = {
    ...{ count: references.length, variants: 1, ids: [], inputShape: [references[0]?.length ?? 0] },
    labels: Int32Array.from(references, (_, row) => Math.floor(row / EACH)),
    read: async (rows: readonly number[]) => Float32Array.from(rows.flatMap((row) => [...(references[row] ?? [])])),
    close: async () => {},
  }
  const images = others.flatMap((rows, place) =>
    rows.map((features) => ({ part: 'validation' as const, label: CLASSES[place] ?? '', features })),
  )
  const options = { classes: CLASSES, layer: FEATURES, rate: 1 / 31, isFrozen: false }
  return (await measureNovelty(examples, images, options)).stored
}

/** A drawing of something else: none of the classes. */
export async function drawForeign(): Promise<Buffer> {
  return drawImage({ number: 4, width: 320, height: 320 })
}

async function fitLast(graph: LayerGraph, weights: ReadonlyMap<string, Float32Array>) {
  const labels = Array.from({ length: EACH * SAMPLE_LABELS.length }, (_, i) => i % SAMPLE_LABELS.length)
  const images = await Promise.all(labels.map((label, number) => drawn(label, number + 1)))
  const inference = openInference({ graph, weights }, { inputShape: [SIZE, SIZE, 3], engine: 'compiled' })
  const rows = rowsOf(inference.run(Buffer.concat(images), images.length), images.length)
  inference.dispose()
  return tf.tidy(() => {
    const features = tf.tensor2d(rows.map((row) => [...row]))
    const { mean, variance } = tf.moments(features, 0)
    const spread = variance.sqrt().add(1e-3)
    const inputs = features.sub(mean).div(spread)
    const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), CLASSES.length)
    const [, width = 0] = features.shape
    let fitted: tf.Tensor = tf.zeros([width, CLASSES.length])
    for (let step = 0; step < STEPS; step++) {
      const slope = inputs.matMul(inputs.matMul(fitted).softmax().sub(targets), true)
      fitted = fitted.sub(slope.div(8 * width))
    }
    const kernel = fitted.div(spread.expandDims(1))
    const bias = mean.expandDims(0).matMul(kernel).neg()
    return { kernel: kernel.dataSync<'float32'>(), bias: bias.dataSync<'float32'>() }
  })
}

/** The pixels of one of the sample's drawings. */
function drawn(place: number, number: number): Promise<Uint8Array> {
  const label = SAMPLE_LABELS[place] ?? 'cat'
  const pixels = samplePixels({ set: 'train', label, number, size: 320 }, 1)
  return decodePixels(encodePng(pixels, 320), { size: SIZE, fit: 'cover' })
}
