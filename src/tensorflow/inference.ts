import type { Tensor } from '@tensorflow/tfjs-core'
import { asFloat, type BatchValues, batchTensor, withinMemory } from './batch.ts'
import { openFunction } from './compile.ts'
import { type FrozenGraph, foldBatchNorms } from './fold.ts'
import { forward, type LayerGraph } from './graph.ts'
import { tf } from './raw.ts'
import { createVariables, disposeVariable, readVariable, type Variable } from './variables.ts'

/** A network that only predicts; dispose it. */
export interface Inference {
  /** Outputs of `count` inputs, row by row: `[count, outputs]` as one array. */
  run(values: BatchValues, count: number): Float32Array
  dispose(): void
}

/** How an inference pass is run. */
export interface InferenceOptions {
  /** Shape of one input without the batch: `[S, S, 3]` or `[C]`. */
  readonly inputShape: readonly number[]
  readonly engine: 'compiled' | 'eager'
  /** Smaller batches are padded to this size, so that the bits of an output do not depend on the batches before. */
  readonly batchSize?: number
  /** The parameter that sets the size of a batch, for the message when memory runs out. */
  readonly batchSizeKey?: string
}

/**
 * Prepares a network with fixed weights for predictions: batch norms folded, ops fused.
 *
 * Traces a function for the first batch, and another when a larger batch comes. Owns one copy of the weights until disposed.
 */
export function openInference(frozen: FrozenGraph, options: InferenceOptions): Inference {
  const { graph, weights } = foldBatchNorms(frozen)
  const variables = createVariables(graph, weights)
  const inference = openLiveInference(graph, variables, options)
  return {
    run: inference.run,
    dispose: () => {
      inference.dispose()
      for (const variable of variables.values()) disposeVariable(variable)
    },
  }
}

/** The same over variables that the caller owns and may change between runs, as training does. */
export function openLiveInference(
  graph: LayerGraph,
  variables: ReadonlyMap<string, Variable>,
  options: InferenceOptions,
): Inference {
  const { engine, inputShape, batchSize = 0, batchSizeKey = 'the number of images' } = options
  const work = ([batch]: Tensor[]) => [
    forward(graph, asFloat(batch as Tensor), {
      weight: (name) => readVariable(variables.get(name) as Variable),
      training: false,
      asLogits: false,
    }),
  ]
  const predict = openFunction(work, { engine, optimized: true })
  let largest = batchSize
  const run = (values: BatchValues, count: number): Float32Array => {
    largest = Math.max(largest, count)
    const batch = batchTensor(padded(values, largest / count), [largest, ...inputShape])
    let outputs: Tensor[] = []
    try {
      outputs = predict.run([batch])
      const rows = (outputs[0] as Tensor).dataSync<'float32'>()
      return rows.slice(0, (rows.length / largest) * count)
    } finally {
      tf.dispose([batch, ...outputs])
    }
  }
  return {
    run: (values, count) =>
      withinMemory(() => run(values, count), { count: Math.max(largest, count), inputShape, batchSizeKey }),
    dispose: predict.dispose,
  }
}

/** Fills up a smaller batch with rows of zeros: they take less time than tracing the network for another shape. */
function padded(values: BatchValues, factor: number): BatchValues {
  if (factor === 1) return values
  const Row = values instanceof Uint8Array ? Uint8Array : Float32Array
  const whole = new Row(Math.round(values.length * factor))
  whole.set(values)
  return whole
}
