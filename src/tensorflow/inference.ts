import type { Tensor } from '@tensorflow/tfjs-core'
import { type Compiled, compile, type InputSpec } from './compile.ts'
import { type FrozenGraph, foldBatchNorms } from './fold.ts'
import { forward } from './forward.ts'
import type { LayerGraph } from './layer-graph.ts'
import { withinMemory } from './memory.ts'
import { castToFloat } from './ops/without-gradient.ts'
import { DTYPE, uint8Tensor } from './raw.ts'
import { tf } from './runtime.ts'
import { createVariables, disposeVariable, readVariable, type Variable } from './variables.ts'

/** What a batch holds: pixels as bytes, or features as floats. */
export type BatchValues = Uint8Array | Float32Array

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
  /** Batches are filled up to so many inputs, so that the bits of an output do not depend on how many ran before it. */
  readonly batchSize?: number
  /** The parameter that says how many inputs a batch holds, for whoever runs out of memory. */
  readonly batchSizeKey?: string
}

/**
 * Gets a network with fixed weights ready to predict: batch norms folded, ops fused, and one TensorFlow function a size of batch that is larger than those before.
 *
 * Owns one copy of the weights until it is disposed.
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

/** The same over variables that somebody else owns and may change between runs, such as those of a training. */
export function openLiveInference(
  graph: LayerGraph,
  variables: ReadonlyMap<string, Variable>,
  options: InferenceOptions,
): Inference {
  const work = ([batch]: Tensor[]) => [
    forward(graph, asFloat(batch as Tensor, options.inputShape), {
      weight: (name) => readVariable(variables.get(name) as Variable),
      training: false,
      asLogits: false,
    }),
  ]
  const functions = new Map<string, Compiled>()
  const { inputShape, batchSize = 0, batchSizeKey = 'the number of images' } = options
  let largest = batchSize
  const run = (values: BatchValues, count: number): Float32Array => {
    largest = Math.max(largest, count)
    const shape = [largest, ...inputShape]
    const batch = batchTensor(padded(values, largest / count), shape)
    let outputs: Tensor[] = []
    try {
      outputs =
        options.engine === 'eager'
          ? tf.tidy(() => work([batch]))
          : compiledFor(functions, specOf(values, shape), work).run([batch])
      const rows = (outputs[0] as Tensor).dataSync<'float32'>()
      return rows.slice(0, (rows.length / largest) * count)
    } finally {
      tf.dispose([batch, ...outputs])
    }
  }
  return {
    run: (values, count) =>
      withinMemory(() => run(values, count), { count: Math.max(largest, count), inputShape, batchSizeKey }),
    dispose: () => {
      for (const compiled of functions.values()) compiled.dispose()
    },
  }
}

/** The last, smaller batch gets rows of zeros, since tracing the network for another shape takes longer than they do. */
function padded(values: BatchValues, factor: number): BatchValues {
  if (factor === 1) return values
  const Row = values instanceof Uint8Array ? Uint8Array : Float32Array
  const whole = new Row(Math.round(values.length * factor))
  whole.set(values)
  return whole
}

/** A batch on the device: bytes stay bytes. */
export function batchTensor(values: BatchValues, shape: readonly number[]): Tensor {
  return values instanceof Uint8Array ? uint8Tensor(values, shape) : tf.tensor(values, [...shape], 'float32')
}

/** What `compile` must know of a batch. */
export function specOf(values: BatchValues, shape: readonly number[]): InputSpec {
  return { shape, dtype: values instanceof Uint8Array ? DTYPE.uint8 : DTYPE.float32 }
}

/** Pixels as floats on the device; features are floats already. */
export function asFloat(batch: Tensor, inputShape: readonly number[]): Tensor {
  return inputShape.length === 3 ? castToFloat(batch, DTYPE.uint8) : batch
}

function compiledFor(
  functions: Map<string, Compiled>,
  spec: InputSpec,
  work: (inputs: Tensor[]) => Tensor[],
): Compiled {
  const key = spec.shape.join('x')
  const known = functions.get(key)
  if (known) return known
  const compiled = compile([spec], work, { optimized: true })
  functions.set(key, compiled)
  return compiled
}
