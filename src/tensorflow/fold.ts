import type { LayerGraph } from './graph.ts'
import type { LayerNode } from './layers.ts'

/** A network with fixed weights, by name. */
export interface FrozenGraph {
  readonly graph: LayerGraph
  readonly weights: ReadonlyMap<string, Float32Array>
}

/**
 * Folds batch norms into the convolutions before them, for inference: the same outputs within float rounding.
 *
 * Per output channel, kernel' = kernel · γ / √(variance + ε) and bias' = (bias − mean) · γ / √(variance + ε) + β. A batch norm
 * is folded when it is the only reader of a convolution that has no activation.
 */
export function foldBatchNorms({ graph, weights }: FrozenGraph): FrozenGraph {
  const readers = new Map<string, number>()
  for (const name of graph.flatMap((layer) => layer.inputs)) readers.set(name, (readers.get(name) ?? 0) + 1)
  const folded = new Map(weights)
  const layers = new Map(graph.map((layer) => [layer.name, layer]))
  const foldedInto = new Map<string, string>()
  for (const norm of graph) {
    const convolution = layers.get(norm.inputs[0] ?? '')
    if (norm.className !== 'BatchNormalization' || !convolution || readers.get(convolution.name) !== 1) continue
    if (!CONVOLUTIONS.has(convolution.className) || (convolution.config.activation ?? 'linear') !== 'linear') continue
    layers.set(convolution.name, foldInto(convolution, norm, weights, folded))
    foldedInto.set(norm.name, convolution.name)
  }
  const rewired = graph
    .filter((layer) => !foldedInto.has(layer.name))
    .map((layer) => layers.get(layer.name) as LayerNode)
    .map((layer) => ({ ...layer, inputs: layer.inputs.map((name) => foldedInto.get(name) ?? name) }))
  return { graph: rewired, weights: folded }
}

const CONVOLUTIONS = new Set(['Conv2D', 'DepthwiseConv2D'])

function foldInto(
  convolution: LayerNode,
  norm: LayerNode,
  weights: ReadonlyMap<string, Float32Array>,
  folded: Map<string, Float32Array>,
): LayerNode {
  const kernelSpec = convolution.weights[0]
  const kernel = kernelSpec && weights.get(kernelSpec.name)
  const mean = weights.get(`${norm.name}/moving_mean`)
  const variance = weights.get(`${norm.name}/moving_variance`)
  if (!kernelSpec || !kernel || !mean || !variance) {
    throw new Error(`${convolution.name} and ${norm.name} have no weights to fold`)
  }
  const gamma = weights.get(`${norm.name}/gamma`)
  const beta = weights.get(`${norm.name}/beta`)
  const bias = weights.get(`${convolution.name}/bias`)
  const epsilon = Number(norm.config.epsilon ?? 1e-3)
  const channels = mean.length
  const scale = Float64Array.from(variance, (value, c) => (gamma?.[c] ?? 1) / Math.sqrt(value + epsilon))
  const offset = Float32Array.from(mean, (value, c) => ((bias?.[c] ?? 0) - value) * (scale[c] ?? 0) + (beta?.[c] ?? 0))
  // The channel that the norm scales varies fastest in both kernels: [h, w, in, out], and depthwise [h, w, channels, 1].
  const scaled = kernel.map((value, i) => value * (scale[i % channels] ?? 0))
  const biasSpec = { name: `${convolution.name}/bias`, role: 'bias', shape: [channels], trainable: false }
  folded.set(kernelSpec.name, scaled).set(biasSpec.name, offset)
  return { ...convolution, weights: [kernelSpec, biasSpec] }
}
