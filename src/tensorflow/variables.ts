import type { Tensor } from '@tensorflow/tfjs-core'
import type { LayerGraph } from './graph.ts'
import { type Attribute, attribute, DTYPE, runOp, runOps, tf } from './raw.ts'

/** A float32 variable in TensorFlow; ops take its `handle`. */
export interface Variable {
  readonly name: string
  readonly shape: readonly number[]
  readonly handle: Tensor
}

const FLOAT_TYPE = attribute.type('dtype', DTYPE.float32)

/** Attributes of a variable's VarHandleOp by the data of its handle: tracing must recognise variables. */
export const attributesOfData = new WeakMap<object, readonly Attribute[]>()
let made = 0

/** Creates a variable; dispose it with `disposeVariable`. */
export function createVariable(name: string, shape: readonly number[], values: Float32Array): Variable {
  const variable = openVariable(name, shape)
  writeVariable(variable, values)
  return variable
}

/** Creates a variable of zeros with the shape of another; dispose it. No memory of the host is taken for the zeros. */
export function createZeros(name: string, like: Variable): Variable {
  const variable = openVariable(name, like.shape)
  const value = readVariable(like)
  const zeros = runOp('ZerosLike', [attribute.type('T', DTYPE.float32)], [value])
  assignVariable(variable, zeros)
  tf.dispose([value, zeros])
  return variable
}

/** A variable without a value. */
function openVariable(name: string, shape: readonly number[]): Variable {
  const attributes = [
    FLOAT_TYPE,
    attribute.shape('shape', shape),
    attribute.string('shared_name', `${name}/${made++}`),
    attribute.string('container', ''),
  ]
  const handle = tf.keep(runOp('VarHandleOp', attributes, []))
  const variable = { name, shape, handle }
  attributesOfData.set(handle.dataId, attributes)
  return variable
}

/** Creates a variable for each weight of a graph, by name. @throws when a weight has no value. */
export function createVariables(graph: LayerGraph, weights: ReadonlyMap<string, Float32Array>): Map<string, Variable> {
  const specs = graph.flatMap((layer) => layer.weights)
  return new Map(
    specs.map(({ name, shape }) => {
      const values = weights.get(name)
      if (!values) throw new Error(`the weight ${name} has no value`)
      return [name, createVariable(name, shape, values)]
    }),
  )
}

/** The variables of a graph that training may change, in its order. */
export function trainableOf(graph: LayerGraph, variables: ReadonlyMap<string, Variable>): Variable[] {
  const specs = graph.flatMap((layer) => layer.weights).filter((spec) => spec.trainable)
  return specs.map(({ name }) => variables.get(name) as Variable)
}

/** The value on the device; the caller disposes it. */
export function readVariable<T extends Tensor = Tensor>(variable: Variable): T {
  return runOp<T>('ReadVariableOp', [FLOAT_TYPE], [variable.handle])
}

/** Sets a variable to a tensor of its shape. */
export function assignVariable(variable: Variable, value: Tensor): void {
  runOps('AssignVariableOp', [FLOAT_TYPE, attribute.bool('validate_shape', false)], [variable.handle, value], 0)
}

/** A copy of the value on the host. */
export function saveVariable(variable: Variable): Float32Array {
  const value = readVariable(variable)
  try {
    return value.dataSync<'float32'>().slice()
  } finally {
    value.dispose() // no tidy: it would search the returned array for tensors, number by number
  }
}

/** Sets a variable to values from the host. @throws when their number does not match the shape. */
export function writeVariable(variable: Variable, values: Float32Array): void {
  tf.tidy(() => assignVariable(variable, tf.tensor(values.slice(), [...variable.shape], 'float32')))
}

/** Frees value and handle. */
export function disposeVariable(variable: Variable): void {
  runOps('DestroyResourceOp', [attribute.bool('ignore_lookup_error', true)], [variable.handle], 0)
  attributesOfData.delete(variable.handle.dataId)
  variable.handle.dispose()
}
