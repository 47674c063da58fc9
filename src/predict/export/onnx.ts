import onnxProto from 'onnx-proto'
import { type FrozenGraph, foldBatchNorms } from '../../tensorflow/fold.ts'
import type { LayerNode } from '../../tensorflow/layers.ts'
import { OnnxGraph, valueInfo } from './onnx-graph.ts'

const { onnx } = onnxProto
const OPSET = 17
const IR_VERSION = 8

/** What the file has besides the network. */
export interface OnnxDescription {
  readonly name: string
  /** Side of an image in pixels. */
  readonly imageSize: number
  readonly classes: readonly string[]
  /** The logits are divided by it. */
  readonly temperature: number
  /** The layer whose output is the features. */
  readonly features: string
  /** Entries of the model's metadata. */
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * Encodes a network as ONNX, opset 17, channels first, with its batch norms folded and its preprocessing inside.
 *
 *   pixel_values   float32 [N, 3, S, S]   red, green, blue, 0 to 255
 *   logits         float32 [N, K]         divided by the temperature
 *   probabilities  float32 [N, K]         their softmax
 *   features       float32 [N, C]         what the last layer takes
 *
 * Source: https://onnx.ai/onnx/operators. TensorFlow's SAME padding is ONNX's SAME_UPPER.
 *
 * @throws Error for a layer that has no counterpart here
 */
export function encodeOnnx(network: FrozenGraph, description: OnnxDescription): Uint8Array {
  const { imageSize, classes, features, metadata, name } = description
  const { graph, weights } = foldBatchNorms(network)
  const writer = new OnnxGraph(weights)
  for (const layer of graph) {
    const input = layer.inputs.map((each) => writer.outputOf(each))
    if (layer.className === 'InputLayer') writer.setOutput(layer.name, 'pixel_values')
    else writer.setOutput(layer.name, convert(writer, layer, input))
  }
  const last = graph.at(-1)?.name ?? ''
  const temperature = writer.constant('temperature', [], [description.temperature])
  writer.add('Div', [writer.outputOf(last), temperature], {}, 'logits')
  writer.add('Softmax', ['logits'], { axis: 1 }, 'probabilities')
  writer.add('Identity', [writer.outputOf(features)], {}, 'features')
  const featureCount = graph.find((layer) => layer.inputs.includes(features))?.weights[0]?.shape[0] ?? 'features'
  return onnx.ModelProto.encode({
    irVersion: IR_VERSION,
    producerName: 'paddock',
    opsetImport: [{ domain: '', version: OPSET }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name,
      node: writer.nodes,
      initializer: writer.constants,
      input: [valueInfo('pixel_values', ['batch', 3, imageSize, imageSize])],
      output: [
        valueInfo('logits', ['batch', classes.length]),
        valueInfo('probabilities', ['batch', classes.length]),
        valueInfo('features', ['batch', featureCount]),
      ],
    },
  }).finish()
}

type Convert = (writer: OnnxGraph, layer: LayerNode, input: readonly string[]) => string

/** The counterpart of each layer class that the engine runs (`LAYERS` in src/tensorflow/layers.ts), channels first. */
const CONVERSIONS: Readonly<Record<string, Convert>> = {
  Rescaling: (writer, { name, config }, [x = '']) => {
    const scaled = writer.add('Mul', [x, writer.constant(`${name}/scale`, [], [Number(config.scale ?? 1)])])
    return writer.add('Add', [scaled, writer.constant(`${name}/offset`, [], [Number(config.offset ?? 0)])])
  },
  Conv2D: (writer, layer, [x = '']) => convolve(writer, layer, x, writer.weight(layer, 'kernel', [3, 2, 0, 1]), 1),
  DepthwiseConv2D: (writer, layer, [x = '']) => {
    const channels = layer.weights[0]?.shape[2] ?? 1
    return convolve(writer, layer, x, writer.weight(layer, 'depthwise_kernel', [2, 3, 0, 1]), channels)
  },
  Dense: (writer, layer, [x = '']) => {
    const product = writer.add('MatMul', [x, required(writer.weight(layer, 'kernel'), layer)])
    const bias = writer.weight(layer, 'bias')
    const sum = bias === undefined ? product : writer.add('Add', [product, bias])
    return activate(writer, sum, layer.config.activation)
  },
  BatchNormalization: (writer, layer, [x = '']) => {
    const channels = layer.weights[0]?.shape[0] ?? 0
    const or = (role: string, value: number) =>
      writer.weight(layer, role) ??
      writer.constant(`${layer.name}/${role}`, [channels], new Float32Array(channels).fill(value))
    const [gamma, beta] = [or('gamma', 1), or('beta', 0)]
    const statistics = ['moving_mean', 'moving_variance'].map((role) => required(writer.weight(layer, role), layer))
    const epsilon = Number(layer.config.epsilon ?? 1e-3)
    return writer.add('BatchNormalization', [x, gamma, beta, ...statistics], { epsilon })
  },
  LayerNormalization: (writer, layer, [x = '']) => {
    const [axis] = [layer.config.axis].flat().map(Number)
    const parts = ['gamma', 'beta'].map((role) => required(writer.weight(layer, role), layer))
    const normalize = (input: string) =>
      writer.add('LayerNormalization', [input, ...parts], { axis: -1, epsilon: Number(layer.config.epsilon ?? 1e-3) })
    if (axis !== 3) return normalize(x) // of features
    const channelsLast = writer.add('Transpose', [x], { perm: [0, 2, 3, 1] })
    return writer.add('Transpose', [normalize(channelsLast)], { perm: [0, 3, 1, 2] })
  },
  Activation: (writer, { config }, [x = '']) => activate(writer, x, config.activation),
  ReLU: (writer, { config }, [x = '']) =>
    activate(writer, x, config.maxValue === 6 || config.max_value === 6 ? 'relu6' : 'relu'),
  ZeroPadding2D: (writer, { name, config }, [x = '']) => {
    const [[top = 0, bottom = 0] = [], [left = 0, right = 0] = []] = config.padding as number[][]
    return writer.add('Pad', [x, writer.shape(`${name}/pads`, [0, 0, top, left, 0, 0, bottom, right])])
  },
  MaxPooling2D: (writer, { config }, [x = '']) =>
    writer.add('MaxPool', [x], {
      auto_pad: padding(config.padding),
      kernel_shape: pair(config.poolSize),
      strides: pair(config.strides),
    }),
  GlobalAveragePooling2D: (writer, _, [x = '']) => writer.add('ReduceMean', [x], { axes: [2, 3], keepdims: 0 }),
  Flatten: (writer, _, [x = '']) => writer.add('Flatten', [writer.add('Transpose', [x], { perm: [0, 2, 3, 1] })]),
  Reshape: (writer, { name, config }, [x = '']) => {
    const target = config.targetShape as number[]
    const [height, width, channels] = target
    // Only shapes that hold the same values in both orders of the axes: a row, or a row of channels in one pixel.
    if (target.length === 1) return writer.add('Reshape', [x, writer.shape(`${name}/shape`, [0, -1])])
    if (height === 1 && width === 1 && channels !== undefined) {
      return writer.add('Reshape', [x, writer.shape(`${name}/shape`, [0, channels, 1, 1])])
    }
    throw new Error(`ONNX export does not know how to reshape to [${target}] (${name})`)
  },
  Dropout: (_, __, [x = '']) => x,
  Add: (writer, _, input) => input.reduce((sum, x) => writer.add('Add', [sum, x])),
  Multiply: (writer, _, input) => input.reduce((product, x) => writer.add('Mul', [product, x])),
}

function convert(writer: OnnxGraph, layer: LayerNode, input: readonly string[]): string {
  const apply = CONVERSIONS[layer.className]
  if (!apply) throw new Error(`ONNX export does not know the layer class ${layer.className} (${layer.name})`)
  return apply(writer, layer, input)
}

function convolve(writer: OnnxGraph, layer: LayerNode, x: string, kernel: string | undefined, group: number): string {
  const bias = writer.weight(layer, 'bias')
  const output = writer.add('Conv', [x, required(kernel, layer), ...(bias === undefined ? [] : [bias])], {
    auto_pad: padding(layer.config.padding),
    kernel_shape: pair(layer.config.kernelSize),
    strides: pair(layer.config.strides),
    group,
  })
  return activate(writer, output, layer.config.activation)
}

function activate(writer: OnnxGraph, x: string, activation: unknown): string {
  switch (activation ?? 'linear') {
    case 'linear':
    case 'softmax': // the last layer's: its logits are divided by the temperature first
      return x
    case 'relu':
      return writer.add('Relu', [x])
    case 'relu6': {
      const limits = [writer.constant(`${x}/lowest`, [], [0]), writer.constant(`${x}/highest`, [], [6])]
      return writer.add('Clip', [x, ...limits])
    }
    case 'sigmoid':
      return writer.add('Sigmoid', [x])
    case 'tanh':
      return writer.add('Tanh', [x])
    case 'swish':
    case 'silu':
      return writer.add('Mul', [x, writer.add('Sigmoid', [x])])
    case 'gelu': {
      const [half, one, root] = [[0.5], [1], [Math.SQRT1_2]].map((value, place) =>
        writer.constant(`${x}/gelu_${place}`, [], value),
      ) as [string, string, string]
      const share = writer.add('Add', [writer.add('Erf', [writer.add('Mul', [x, root])]), one])
      return writer.add('Mul', [writer.add('Mul', [x, share]), half])
    }
    default:
      throw new Error(`ONNX export does not know the activation ${activation}`)
  }
}

function required(value: string | undefined, { name }: LayerNode): string {
  if (value === undefined) throw new Error(`${name} has no weights`)
  return value
}

function padding(value: unknown): string {
  return value === 'same' ? 'SAME_UPPER' : 'VALID'
}

function pair(value: unknown): number[] {
  return Array.isArray(value) ? value : [Number(value ?? 1), Number(value ?? 1)]
}
