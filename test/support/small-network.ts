import type { Examples } from '../../src/batches/batches.ts'
import { seededRng } from '../../src/core/random.ts'
import { layerGraphOf, weightsOf } from '../../src/tensorflow/graph.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import type { TrainParams } from '../../src/train/params.ts'
import type { TrainingJob } from '../../src/train/session.ts'

/** Side of the images of the small networks below. */
export const SIDE = 16

/**
 * A network with every kind of layer that has weights, batch norm and dropout: pixels `[N, 16, 16, 3]` to 3 classes.
 *
 * 1 · 9 · 3 · 4 + 4 weights, depthwise 9 · 4, batch norm 4 · 4, dense 4 · 3 + 3.
 */
export function smallNetwork(seed = 1): tf.LayersModel {
  const input = tf.input({ shape: [SIDE, SIDE, 3], name: 'image' })
  const glorot = (place: number) => tf.initializers.glorotUniform({ seed: seed * 10 + place })
  const layers = [
    tf.layers.rescaling({ scale: 1 / 127.5, offset: -1, name: 'rescaling' }),
    tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', name: 'conv', kernelInitializer: glorot(1) }),
    tf.layers.maxPooling2d({ poolSize: 2, name: 'pool' }),
    tf.layers.depthwiseConv2d({
      kernelSize: 3,
      strides: 2,
      padding: 'same',
      useBias: false,
      name: 'depthwise',
      depthwiseInitializer: glorot(2),
    }),
    tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-3, name: 'norm' }),
    tf.layers.reLU({ maxValue: 6, name: 'relu' }),
    tf.layers.globalAveragePooling2d({ name: 'average', dataFormat: 'channelsLast' }),
    tf.layers.dropout({ rate: 0.25, name: 'dropout' }),
    tf.layers.dense({ units: 3, activation: 'softmax', name: 'classification', kernelInitializer: glorot(3) }),
  ]
  const output = layers.reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input)
  return tf.model({ inputs: input, outputs: output })
}

/** Images of three classes that differ in brightness, noise on top: uint8 `[count, 16, 16, 3]`, and their classes. */
export function brightnessImages(count: number, rng: () => number): { values: Uint8Array; labels: Int32Array } {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3)
  const size = SIDE * SIDE * 3
  const values = Uint8Array.from(
    { length: count * size },
    (_, i) => 40 + 70 * (labels[Math.floor(i / size)] ?? 0) + 60 * rng(),
  )
  return { values, labels }
}

/** The same images as the packed files would give them. */
export function brightnessExamples(count: number, rng: () => number): Examples {
  const { values, labels } = brightnessImages(count, rng)
  const size = SIDE * SIDE * 3
  return {
    count,
    variants: 1,
    inputShape: [SIDE, SIDE, 3],
    labels,
    ids: [...labels.keys()].map((i) => `${i}.png`),
    read: async (rows) => Buffer.concat(rows.map((row) => values.subarray(row * size, (row + 1) * size))),
    close: async () => {},
  }
}

/** Trains the small network on 60 images and validates it on 21. */
export function smallJob(network: tf.LayersModel, params: TrainParams): TrainingJob {
  return {
    phase: 'network',
    graph: layerGraphOf(network),
    weights: weightsOf(network),
    training: brightnessExamples(60, seededRng(1, 'training')),
    validation: brightnessExamples(21, seededRng(1, 'validation')),
    classes: ['dark', 'grey', 'light'],
    params,
    seed: 1,
  }
}
