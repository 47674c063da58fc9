import type { Tensor } from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { type ForwardOptions, LAYERS, type LayerNode } from './layers.ts'
import { tf } from './raw.ts'

/** A network as a list of layers, each after its inputs. */
export type LayerGraph = readonly LayerNode[]

/** The graph of a layers model: stock layers describe and save a network, the engine runs it with ops of its own. */
export function layerGraphOf(model: LayersModel): LayerGraph {
  return model.layers.map((layer) => {
    const className = layer.getClassName()
    const inputs = layer.inboundNodes[0]?.inboundLayers.map((inbound) => inbound.name) ?? []
    const weights = layer.weights.map(({ originalName, shape }) => {
      const role = originalName.slice(originalName.lastIndexOf('/') + 1)
      const trainable = layer.trainable && !role.startsWith('moving_')
      return { name: `${layer.name}/${role}`, role, shape: shape.map(Number), trainable }
    })
    return { name: layer.name, className, config: layer.getConfig(), inputs, weights, trainable: layer.trainable }
  })
}

/** The layers after `name`: they take its output, the features. */
export function graphAfter(graph: LayerGraph, name: string): LayerGraph {
  return graph.slice(indexOf(graph, name) + 1)
}

/** The layers up to and including `name`: the backbone, whose output is the features. */
export function graphUpTo(graph: LayerGraph, name: string): LayerGraph {
  return graph.slice(0, indexOf(graph, name) + 1)
}

/** The same layers with every batch norm in inference mode; gamma and beta stay trainable where they were. */
export function keepStatistics(graph: LayerGraph): LayerGraph {
  return graph.map((layer) => (layer.className === 'BatchNormalization' ? { ...layer, keepsStatistics: true } : layer))
}

/** A copy of a model's weights, by name. */
export function weightsOf(model: LayersModel): Map<string, Float32Array> {
  const values = model.layers.flatMap((layer) => layer.getWeights())
  return new Map(
    layerGraphOf(model)
      .flatMap((layer) => layer.weights)
      .map(({ name }, i) => [name, (values[i] as Tensor).dataSync<'float32'>().slice()]),
  )
}

/** Sets a model's weights by name; weights that are not in the map keep their values. */
export function setWeights(model: LayersModel, values: ReadonlyMap<string, Float32Array>): void {
  tf.tidy(() => {
    const specs = layerGraphOf(model)
    model.layers.forEach((layer, place) => {
      const old = layer.getWeights()
      layer.setWeights(
        (specs[place]?.weights ?? []).map((spec, i) => {
          const value = values.get(spec.name)
          return value ? tf.tensor(value.slice(), [...spec.shape]) : (old[i] as Tensor)
        }),
      )
    })
  })
}

/**
 * Runs the layers in order on one input and returns the output of the last.
 *
 * The input is what the first layer takes: pixels `[N, S, S, 3]` float32 in 0..255, or features `[N, C]`. Frozen layers and
 * batch norms that keep their statistics run in inference mode. Call it within a tidy: intermediate tensors are not disposed.
 */
export function forward(graph: LayerGraph, input: Tensor, options: ForwardOptions): Tensor {
  const outputs = new Map<string, Tensor>()
  let last = input
  for (const layer of graph) {
    if (layer.className !== 'InputLayer') {
      const apply = LAYERS[layer.className]
      if (!apply) throw new Error(`the engine does not know the layer class ${layer.className} (${layer.name})`)
      const inputs = layer.inputs.map((name) => outputs.get(name) ?? input) as [Tensor, ...Tensor[]]
      last = apply(inputs, layer, options)
    }
    outputs.set(layer.name, last)
    options.onOutput?.(layer.name, last)
  }
  return last
}

function indexOf(graph: LayerGraph, name: string): number {
  const index = graph.findIndex((layer) => layer.name === name)
  if (index < 0) throw new Error(`the network has no layer ${name}`)
  return index
}
