import { readFileSync } from 'node:fs'
import type { Batch } from '../../src/batches/batches.ts'
import { layerGraphOf, setWeights } from '../../src/tensorflow/graph.ts'
import type { LossParams } from '../../src/tensorflow/losses.ts'
import type { OptimizerParams } from '../../src/tensorflow/optimizers.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import type { TrainParams } from '../../src/train/params.ts'

/** What test/fixtures/keras-training.py found; arrays are flat, in row-major order. */
export interface KerasGolden {
  /** Twenty steps of the network below. */
  readonly runs: readonly {
    readonly name: string
    readonly params: OptimizerParams &
      LossParams & { readonly learningRate: number; readonly l2: number; readonly frozen: boolean }
    readonly losses: readonly number[]
    readonly weights: Readonly<Record<string, readonly number[]>>
    readonly averages: Readonly<Record<string, readonly number[]>>
  }[]
  readonly losses: readonly {
    readonly params: LossParams
    readonly loss: number
    readonly gradient: readonly number[]
  }[]
  readonly batchNorms: readonly {
    readonly scale: boolean
    readonly center: boolean
    readonly trainable: boolean
    readonly output: readonly number[]
    readonly gradients: Readonly<Record<string, readonly number[]>>
    readonly mean: readonly number[]
    readonly variance: readonly number[]
    readonly keras3: { readonly mean: readonly number[]; readonly variance: readonly number[] }
  }[]
  readonly schedules: readonly {
    readonly params: Pick<TrainParams, 'learningRate' | 'epochs' | 'schedule'> & { readonly stepsPerEpoch: number }
    readonly rates: readonly number[]
  }[]
  readonly plateau: {
    readonly learningRate: number
    readonly patience: number
    readonly factor: number
    readonly losses: readonly number[]
    readonly rates: readonly number[]
  }
}

export const keras: KerasGolden = JSON.parse(readFileSync('test/fixtures/keras-training.json', 'utf8'))

export const KERAS_SIDE = 8
const BATCH_SIZE = 6
export const KERAS_CLASSES = 3

/** Numbers in [-0.5, 0.5), the same as in the script. */
export function drawn(shape: readonly number[], seed: number): number[] {
  const count = shape.reduce((product, size) => product * size, 1)
  return Array.from({ length: count }, (_, i) => ((31 * i * i + 17 * i + 101 * seed) % 1009) / 1009 - 0.5)
}

/** The batch of a step, from 0. */
export function kerasBatch(step: number): Batch {
  const labels = Int32Array.from({ length: BATCH_SIZE }, (_, i) => (i * (step + 1)) % KERAS_CLASSES)
  const size = KERAS_SIDE * KERAS_SIDE * 3
  const noise = drawn([BATCH_SIZE, size], step)
  return {
    labels,
    values: Uint8Array.from(noise, (value, i) => 40 + 70 * (labels[Math.floor(i / size)] ?? 0) + 70 * (value + 0.5)),
  }
}

/** The script's network with its first weights: pixels `[N, 8, 8, 3]` to 3 classes. */
export function kerasNetwork(): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.rescaling({ scale: 1 / 127.5, offset: -1, name: 'rescaling', inputShape: [KERAS_SIDE, KERAS_SIDE, 3] }),
      tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', name: 'conv' }),
      tf.layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same', useBias: false, name: 'depthwise' }),
      tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-3, name: 'norm' }),
      tf.layers.reLU({ maxValue: 6, name: 'relu' }),
      tf.layers.globalAveragePooling2d({ name: 'average', dataFormat: 'channelsLast' }),
      tf.layers.dense({ units: KERAS_CLASSES, activation: 'softmax', name: 'classification' }),
    ],
  })
  const specs = layerGraphOf(model).flatMap((layer) => layer.weights)
  const first = specs.map(({ name, shape }, place) => {
    const middle = name === 'norm/gamma' || name === 'norm/moving_variance' ? 1 : 0
    return [name, Float32Array.from(drawn(shape, place), (value) => value + middle)] as const
  })
  setWeights(model, new Map(first))
  return model
}
