import type { Tensor } from '@tensorflow/tfjs-core'
import {
  type Attribute,
  attribute,
  type Binding,
  DTYPE,
  dtypeOf,
  type NodeBackend,
  type NodeOutput,
  nodeBackend,
  type OutputInfo,
  tf,
} from './raw.ts'
import { attributesOfData } from './variables.ts'

/** A function of tensors, compiled to one TensorFlow function. */
export interface Compiled {
  /** Runs it on tensors of the traced shapes and dtypes; the caller disposes the outputs. */
  run(inputs: readonly Tensor[]): Tensor[]
  dispose(): void
}

/** Shape and TensorFlow dtype of an input. */
export interface InputSpec {
  readonly shape: readonly number[]
  readonly dtype: number
}

/** How a function is compiled. */
export interface CompileOptions {
  /**
   * Lets TensorFlow fuse ops (convolution, bias, ReLU and sum into one kernel) and fold constants. This may change the last
   * bits: leave it off where results must equal those of single ops.
   */
  readonly optimized: boolean
}

/** Fake handles of graph outputs: tfjs never frees negative handles, and -1 is its own "not on the device yet". */
const FIRST_FAKE_HANDLE = -2
/** Attribute type of a tensor constant, as in src/tensorflow/native/paddock_binding.cc. */
const TENSOR_ATTRIBUTE = 100
/** Larger constants of a single value become a Fill, which takes no memory in the graph. */
const FILL_FROM = 256

/** Ops whose inputs include a list: [first input of the list, its length]. */
const LIST_INPUTS: Readonly<Record<string, (count: number) => readonly [number, number]>> = {
  AddN: (count) => [0, count],
  ConcatV2: (count) => [0, count - 1],
  Pack: (count) => [0, count],
}

/** An empty ConfigProto, all defaults: TensorFlow optimizes only functions that are called with one. */
const DEFAULT_CONFIG = attribute.string('config_proto', '')

let functions = 0

/**
 * Traces `work` once and returns it as one TensorFlow function.
 *
 * While tracing, the backend's binding adds nodes to a graph instead of running ops; TensorFlow infers the shapes. Values
 * made inside become constants, so everything that changes between runs (learning rate, seed, step) must be an input. Reads
 * and writes of variables keep the order of the program. `work` must not read values, nor close over tensors other than the
 * handles of variables.
 */
export function compile(
  specs: readonly InputSpec[],
  work: (inputs: Tensor[]) => Tensor[],
  { optimized }: CompileOptions = { optimized: false },
): Compiled {
  const backend = nodeBackend()
  const native = backend.binding
  const name = `paddock_${functions++}`
  const trace = new Trace(backend, native)
  native.graphBegin()
  const wrapped = trace.binding()
  const original = backend.getInputTensorIds
  backend.binding = wrapped
  backend.getInputTensorIds = (tensors) => trace.noteHandles(tensors, original.call(backend, tensors))
  let outputs: number[]
  try {
    outputs = tf.tidy(() => {
      const inputs = specs.map((spec) => trace.placeholder(spec))
      const results = work(inputs)
      return results.flatMap((result) => trace.source(backend.getInputTensorIds([result])[0] as number))
    })
  } finally {
    backend.binding = native
    Reflect.deleteProperty(backend, 'getInputTensorIds')
  }
  native.graphEnd(name, trace.placeholders, outputs, trace.writes)
  const attributes = optimized ? [DEFAULT_CONFIG] : []
  return {
    run: (inputs) => {
      const ids = backend.getInputTensorIds(inputs)
      return native.executeOp(name, attributes, ids, outputs.length / 2).map((info) => backend.createOutputTensor(info))
    },
    dispose: () => native.removeFunction(name),
  }
}

/** A function of tensors that runs op by op, or compiled once for each set of shapes that it is called with; dispose it. */
export function openFunction(
  work: (inputs: Tensor[]) => Tensor[],
  { engine, optimized }: CompileOptions & { readonly engine: 'compiled' | 'eager' },
): Compiled {
  const functions = new Map<string, Compiled>()
  return {
    run: (inputs) => {
      if (engine === 'eager') return tf.tidy(() => work([...inputs]))
      const specs = inputs.map((input) => ({ shape: input.shape, dtype: dtypeOf(input) }))
      const key = JSON.stringify(specs)
      const compiled = functions.get(key) ?? compile(specs, work, { optimized })
      functions.set(key, compiled)
      return compiled.run(inputs)
    },
    dispose: () => {
      for (const compiled of functions.values()) compiled.dispose()
    },
  }
}

/** The graph of a function while it is traced: the node behind each handle, and the order of reads and writes. */
class Trace {
  /** Pairs (node, output) of the function's inputs. */
  readonly placeholders: number[] = []
  /** Nodes that write variables: the function must run them although no output depends on them. */
  readonly writes: number[] = []
  readonly #backend: NodeBackend
  readonly #native: Binding
  readonly #sources = new Map<number, readonly [number, number]>()
  readonly #dataOfHandle = new Map<number, object>()
  readonly #variableNodes = new Map<object, number>()
  readonly #readsSince = new Map<number, number[]>()
  readonly #lastWrite = new Map<number, number>()
  #nextHandle = FIRST_FAKE_HANDLE

  constructor(backend: NodeBackend, native: Binding) {
    this.#backend = backend
    this.#native = native
  }

  /** A copy of the native functions (the original is read-only) in which those that touch the device are replaced. */
  binding(): Binding {
    const refuse = () => {
      throw new Error('a compiled function must not read values while it is traced')
    }
    const copy = Object.create(null) as Record<string, unknown>
    for (const key of Object.getOwnPropertyNames(this.#native)) copy[key] = this.#native[key as keyof Binding]
    return Object.assign(copy, {
      executeOp: this.#executeOp,
      createTensor: this.#constant,
      tensorDataSync: refuse,
    }) as unknown as Binding
  }

  /** An input of the function, as a tensor. */
  placeholder({ shape, dtype }: InputSpec): Tensor {
    const attributes = [attribute.type('dtype', dtype), attribute.shape('shape', shape)]
    const [output] = this.#node('Placeholder', [], [], attributes) as [OutputInfo]
    this.placeholders.push(...this.source(output.id))
    return this.#backend.createOutputTensor(output)
  }

  /** Records the data of each handle: the handles of variables arrive as plain numbers. */
  noteHandles(tensors: readonly { readonly dataId: object }[], handles: number[]): number[] {
    handles.forEach((handle, place) => {
      const tensor = tensors[place]
      if (handle >= 0 && tensor) this.#dataOfHandle.set(handle, tensor.dataId)
    })
    return handles
  }

  /** The pair (node, output) behind a handle. */
  source(handle: number): readonly [number, number] {
    const known = this.#sources.get(handle)
    if (known) return known
    const data = this.#dataOfHandle.get(handle)
    const attributes = data && attributesOfData.get(data)
    if (!data || !attributes) throw new Error('a compiled function must not close over a tensor; make it an input')
    const { node } = this.#native.graphOp('VarHandleOp', [], [], [], attributes)
    this.#sources.set(handle, [node, 0])
    this.#variableNodes.set(data, node)
    return [node, 0]
  }

  #executeOp = (op: string, attributes: readonly Attribute[], handles: readonly number[]): OutputInfo[] => {
    const sources = handles.map((handle) => this.source(handle))
    const variables = handles.flatMap((handle) => this.#variableNodes.get(this.#dataOfHandle.get(handle) ?? {}) ?? [])
    return this.#node(op, sources, variables, attributes)
  }

  /** Adds a node, with fake handles for its outputs; `variables` are the nodes of the variables that it reads or writes. */
  #node(
    op: string,
    sources: readonly (readonly [number, number])[],
    variables: readonly number[],
    attributes: readonly Attribute[],
  ): OutputInfo[] {
    const reads = op === 'ReadVariableOp'
    const before = variables.flatMap((variable) => [
      this.#lastWrite.get(variable) ?? [],
      reads ? [] : (this.#readsSince.get(variable) ?? []),
    ])
    const list = LIST_INPUTS[op]?.(sources.length) ?? []
    const { node, outputs } = this.#native.graphOp(op, sources.flat(), list, [...new Set(before.flat())], attributes)
    for (const variable of variables) {
      if (reads) {
        this.#readsSince.set(variable, [...(this.#readsSince.get(variable) ?? []), node])
      } else {
        this.#lastWrite.set(variable, node)
        this.#readsSince.set(variable, [])
      }
    }
    if (variables.length > 0 && !reads) this.writes.push(node)
    return outputs.map((output, place) => this.#output(op, node, place, output))
  }

  #output(op: string, node: number, place: number, { shape, dtype }: NodeOutput): OutputInfo {
    const id = this.#nextHandle--
    this.#sources.set(id, [node, place])
    // TensorFlow does not infer the third reserve of batch norm; only its own gradient reads it.
    const known = op === 'FusedBatchNormV3' && place === 5 ? [] : shape
    if (!known || known.includes(-1)) throw new Error(`TensorFlow cannot infer the shape of output ${place} of ${op}`)
    return { id, shape: known, dtype }
  }

  #constant = (shape: readonly number[], dtype: number, values: ArrayLike<number>): number => {
    const Values = dtype === DTYPE.float32 ? Float32Array : dtype === DTYPE.int32 ? Int32Array : Uint8Array
    const data = Values.from(values)
    const isFill = data.length > FILL_FROM && data.every((value) => value === data[0])
    return isFill ? this.#fill(shape, dtype, data.slice(0, 1)) : this.#const(dtype, shape, data)
  }

  #const(dtype: number, shape: readonly number[], data: Float32Array | Int32Array | Uint8Array): number {
    const value = { name: 'value', type: TENSOR_ATTRIBUTE, value: { dtype, shape, data } }
    return (this.#node('Const', [], [], [attribute.type('dtype', dtype), value])[0] as OutputInfo).id
  }

  #fill(shape: readonly number[], dtype: number, value: Float32Array | Int32Array | Uint8Array): number {
    const dims = this.source(this.#const(DTYPE.int32, [shape.length], Int32Array.from(shape)))
    const scalar = this.source(this.#const(dtype, [], value))
    const attributes = [attribute.type('T', dtype), attribute.type('index_type', DTYPE.int32)]
    return (this.#node('Fill', [dims, scalar], [], attributes)[0] as OutputInfo).id
  }
}
