import type { Batch } from '../src/batches/batches.ts'
import { glorotUniform } from '../src/network/initial.ts'
import { through } from '../src/network/network.ts'
import { layerGraphOf, weightsOf } from '../src/tensorflow/graph.ts'
import { openLiveInference } from '../src/tensorflow/inference.ts'
import { openOptimizer } from '../src/tensorflow/optimizers.ts'
import { tf } from '../src/tensorflow/raw.ts'
import {
  createVariables,
  disposeVariable,
  saveVariable,
  type Variable,
  writeVariable,
} from '../src/tensorflow/variables.ts'
import { openStep } from '../src/train/step.ts'

/** A point in the plane and its class. */
export interface Example {
  readonly x: number
  readonly y: number
  readonly label: 0 | 1
}

/** A network that classifies points in the plane; Adam trains it on cross-entropy. */
export interface ClassifierParams {
  /** Units of each hidden layer, with tanh; no hidden layer: the boundary is a straight line. */
  readonly hidden: readonly number[]
  readonly learningRate: number
  /** Dropout rate after every hidden layer. */
  readonly dropout: number
  /** Weight of the sum of squared kernels in the loss. */
  readonly l2: number
  readonly seed: number
}

/** A network on the device; close it. */
export interface Classifier {
  /** Takes one step, numbered from 1, on a batch. */
  learn(examples: readonly Example[], step: number): void
  /** Probability of class 1 at each point, without dropout. */
  probabilities(points: readonly Pick<Example, 'x' | 'y'>[]): number[]
  save(): Float32Array[]
  restore(weights: readonly Float32Array[]): void
  close(): void
}

/** Owns the weights, Adam's slots and the compiled functions until it is closed. */
export function openClassifier(params: ClassifierParams): Classifier {
  const { seed, l2, learningRate } = params
  const model = network(params)
  const graph = layerGraphOf(model)
  const variables = createVariables(graph, weightsOf(model))
  model.dispose()
  const trainable = [...variables.values()]
  const optimizer = openOptimizer(ADAM, trainable)
  const inputShape = [2]
  const engine = 'compiled'
  const stepParams = { ...CROSS_ENTROPY, l2, batchNormMomentum: 0, engine } as const
  const step = openStep({ graph, variables, trainable, optimizer, inputShape, params: stepParams, seed })
  const inference = openLiveInference(graph, variables, { inputShape, engine })
  return {
    learn: (examples, number) => {
      const batch: Batch = { values: valuesOf(examples), labels: Int32Array.from(examples, ({ label }) => label) }
      step.take(batch, number, optimizer.numbers(number, learningRate)).dispose()
    },
    probabilities: (points) => {
      const rows = inference.run(valuesOf(points), points.length) // [N, 2]
      return points.map((_, row) => rows[2 * row + 1] ?? Number.NaN)
    },
    save: () => trainable.map(saveVariable),
    restore: (weights) => {
      for (const [i, values] of weights.entries()) writeVariable(trainable[i] as Variable, values)
    },
    close: () => {
      step.dispose()
      inference.dispose()
      for (const variable of [...trainable, ...optimizer.slots]) disposeVariable(variable)
    },
  }
}

const ADAM = {
  optimizer: 'adam',
  momentum: 0,
  nesterov: false,
  weightDecay: 0,
  clipNorm: null,
  ema: null,
} as const

const CROSS_ENTROPY = {
  loss: 'cross-entropy',
  labelSmoothing: 0,
  focalGamma: 0,
  focalAlpha: 1,
  classWeights: null,
} as const

/** `[N, 2]` → `[N, 2]`; rows of the output sum to 1. */
function network({ hidden, dropout, seed }: ClassifierParams): tf.LayersModel {
  const dense = (name: string, units: number, activation: 'tanh' | 'softmax') =>
    tf.layers.dense({ name, units, activation, kernelInitializer: glorotUniform(seed, name) })
  const layers = hidden.flatMap((units, i) => [
    dense(`hidden_${i + 1}`, units, 'tanh'),
    tf.layers.dropout({ name: `dropout_${i + 1}`, rate: dropout }),
  ])
  const input = tf.input({ shape: [2], name: 'point' })
  return tf.model({ inputs: input, outputs: through(input, ...layers, dense('classification', 2, 'softmax')) })
}

function valuesOf(points: readonly Pick<Example, 'x' | 'y'>[]): Float32Array {
  return Float32Array.from(points.flatMap(({ x, y }) => [x, y]))
}
