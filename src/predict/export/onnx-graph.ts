import onnxProto from 'onnx-proto'
import type { LayerNode } from '../../tensorflow/layers.ts'

const { onnx } = onnxProto
const FLOAT = onnx.TensorProto.DataType.FLOAT

type Attribute = string | number | readonly number[]

/** The nodes and constants of an ONNX graph, as they are collected. */
export class OnnxGraph {
  readonly nodes: onnxProto.onnx.INodeProto[] = []
  readonly constants: onnxProto.onnx.ITensorProto[] = []
  private readonly outputs = new Map<string, string>()
  private readonly weights: ReadonlyMap<string, Float32Array>

  constructor(weights: ReadonlyMap<string, Float32Array>) {
    this.weights = weights
  }

  /** The name of the value that a layer returned. */
  outputOf(layer: string): string {
    const output = this.outputs.get(layer)
    if (output === undefined) throw new Error(`the layer ${layer} comes after a layer that takes its output`)
    return output
  }

  setOutput(layer: string, value: string): void {
    this.outputs.set(layer, value)
  }

  /** Adds a node with one output, and returns the name of the output. Integers in `attributes` become ints, strings stay. */
  add(
    opType: string,
    input: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    output = `${opType.toLowerCase()}_${this.nodes.length}`,
  ): string {
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value))
    this.nodes.push({ opType, name: output, input: [...input], output: [output], attribute })
    return output
  }

  /** Adds a float32 constant, and returns its name. */
  constant(name: string, dims: readonly number[], values: ArrayLike<number>): string {
    const rawData = new Uint8Array(Float32Array.from(values).buffer)
    this.constants.push({ name, dims: [...dims], dataType: FLOAT, rawData })
    return name
  }

  /** Adds an int64 vector, such as a shape, and returns its name. */
  shape(name: string, sizes: readonly number[]): string {
    const rawData = new Uint8Array(BigInt64Array.from(sizes, BigInt).buffer)
    this.constants.push({ name, dims: [sizes.length], dataType: onnx.TensorProto.DataType.INT64, rawData })
    return name
  }

  /** Adds a weight of a layer, its axes in this order, and returns its name; undefined if the layer has none. */
  weight(layer: LayerNode, role: string, order?: readonly number[]): string | undefined {
    const spec = layer.weights.find((each) => each.role === role)
    const values = spec && this.weights.get(spec.name)
    if (!spec || !values) return undefined
    if (!order) return this.constant(spec.name, spec.shape, values)
    const dims = order.map((axis) => spec.shape[axis] ?? 0)
    return this.constant(spec.name, dims, transposed(values, spec.shape, order))
  }
}

/** The description of an input or output, float32; a string names a size that is free. */
export function valueInfo(name: string, sizes: readonly (string | number)[]): onnxProto.onnx.IValueInfoProto {
  const dim = sizes.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }))
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } }
}

function attributeOf(name: string, value: Attribute): onnxProto.onnx.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: Buffer.from(value) }
  if (typeof value !== 'number') return { name, type: AttributeType.INTS, ints: [...value] }
  return Number.isInteger(value)
    ? { name, type: AttributeType.INT, i: value }
    : { name, type: AttributeType.FLOAT, f: value }
}

/** Values of an array with the axes in another order. */
function transposed(values: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1))
  const sizes = order.map((axis) => shape[axis] ?? 0)
  const steps = order.map((axis) => strides[axis] ?? 0)
  const result = new Float32Array(values.length)
  const position = sizes.map(() => 0)
  for (let target = 0, source = 0; target < values.length; target++) {
    result[target] = values[source] ?? 0
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const [size = 0, step = 0, at = 0] = [sizes[axis], steps[axis], position[axis]]
      if (at + 1 < size) {
        position[axis] = at + 1
        source += step
        break
      }
      position[axis] = 0
      source -= at * step
    }
  }
  return result
}
