import type { Tensor } from '@tensorflow/tfjs-core'
import type { Batch } from '../../src/batches/batches.ts'
import { forward, type LayerGraph, layerGraphOf, weightsOf } from '../../src/tensorflow/graph.ts'
import { createSlot, type Optimizer } from '../../src/tensorflow/optimizers.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import {
  assignVariable,
  createVariables,
  disposeVariable,
  saveVariable,
  trainableOf,
  type Variable,
} from '../../src/tensorflow/variables.ts'
import { openStep } from '../../src/train/step.ts'

/** The results of a training step before the optimizer, by the names of the weights. */
export interface StepOutcome {
  readonly loss: number
  readonly gradients: ReadonlyMap<string, Float32Array>
  /** Running means and variances of the batch norms after the step. */
  readonly statistics: ReadonlyMap<string, Float32Array>
}

/** The momentum of a network's batch norms; they all have the same. */
export function momentumOf(model: tf.LayersModel): number {
  const norm = model.layers.find((layer) => layer.getClassName() === 'BatchNormalization')
  return Number(norm?.getConfig().momentum ?? 0)
}

const PLAIN_LOSS = {
  loss: 'cross-entropy',
  labelSmoothing: 0,
  focalGamma: 0,
  focalAlpha: 1,
  classWeights: null,
} as const

/**
 * The compiled training step of a network on a batch, with mean cross-entropy and no dropout. The model does not change.
 */
export function takeStep(model: tf.LayersModel, batch: Batch, side: number): StepOutcome {
  const graph = withoutDropout(layerGraphOf(model))
  const variables = createVariables(graph, weightsOf(model))
  const specs = graph.flatMap(({ weights }) => weights)
  const trainable = trainableOf(graph, variables)
  const recorder = recordGradients(trainable)
  const step = openStep({
    graph,
    variables,
    trainable,
    optimizer: recorder,
    inputShape: [side, side, 3],
    params: { ...PLAIN_LOSS, l2: 0, batchNormMomentum: momentumOf(model), engine: 'compiled' },
    seed: 1,
  })
  const outcome = step.take(batch, 1, recorder.numbers(1, 0))
  const moving = specs.filter(({ role }) => role.startsWith('moving_')).map(({ name }) => name)
  const result = {
    loss: outcome.dataSync()[0] ?? Number.NaN,
    gradients: new Map(trainable.map(({ name }, place) => [name, saved(recorder.slots[place])])),
    statistics: new Map(moving.map((name) => [name, saved(variables.get(name))])),
  }
  outcome.dispose()
  step.dispose()
  for (const variable of [...variables.values(), ...recorder.slots]) disposeVariable(variable)
  return result
}

/** The masks of the ReLUs in that step: 1 where the output is positive, by layer. */
export function reluMasks(model: tf.LayersModel, batch: Batch, side: number): Map<string, Uint8Array> {
  const graph = withoutDropout(layerGraphOf(model))
  const relus = new Set(graph.filter(({ config }) => config.activation === 'relu').map(({ name }) => name))
  const weights = new Map(
    model.layers.flatMap((layer) => layer.weights).map((weight) => [weight.originalName, weight.read()]),
  )
  const masks = new Map<string, Uint8Array>()
  tf.tidy(() => {
    forward(graph, tf.tensor(Float32Array.from(batch.values), [batch.labels.length, side, side, 3]), {
      weight: (name) => weights.get(name) ?? tf.tensor([]),
      training: true,
      asLogits: true,
      batchNormMomentum: momentumOf(model),
      onOutput: (layer, output) => {
        if (relus.has(layer))
          masks.set(
            layer,
            Uint8Array.from(output.dataSync(), (value) => (value > 0 ? 1 : 0)),
          )
      },
    })
  })
  return masks
}

function withoutDropout(graph: LayerGraph): LayerGraph {
  return graph.map((layer) =>
    layer.className === 'Dropout' ? { ...layer, config: { ...layer.config, rate: 0 } } : layer,
  )
}

/** An optimizer that changes no weight and stores the gradients in its slots. */
function recordGradients(variables: readonly Variable[]): Optimizer {
  const slots = variables.map((variable) => createSlot(variable, 'gradient'))
  return {
    slots,
    averages: new Map(),
    numbers: (_step, learningRate) => [learningRate],
    apply: (gradients: readonly Tensor[]) => {
      slots.forEach((slot, place) => {
        assignVariable(slot, gradients[place] as Tensor)
      })
    },
  }
}

function saved(variable: Variable | undefined): Float32Array {
  return variable ? saveVariable(variable) : new Float32Array()
}
