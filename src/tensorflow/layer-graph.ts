import type { Tensor } from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { type LayerConfig, WEIGHTS_OF_LAYER } from './layers.ts'
import { tf } from './runtime.ts'

/** One weight of a layer: its name as saved (`conv1/kernel`), its role, shape, and whether training may change it. */
export interface WeightSpec {
  readonly name: string
  readonly role: string
  readonly shape: readonly number[]
  readonly trainable: boolean
}

/** One layer as the engine runs it. */
export interface LayerNode {
  readonly name: string
  readonly className: string
  readonly config: LayerConfig
  /** Names of the layers whose outputs it takes. */
  readonly inputs: readonly string[]
  readonly weights: readonly WeightSpec[]
  /** False freezes it: no gradients, and batch norm in inference mode. */
  readonly trainable: boolean
  /** Of a batch norm that is trained: inference mode all the same, so that gamma and beta learn and its statistics stay. */
  readonly keepsStatistics?: boolean
}

/** Layers in an order in which each comes after its inputs. */
export type LayerGraph = readonly LayerNode[]

/** What a layers model is made of: the engine runs it layer by layer with ops of its own. */
export function layerGraphOf(model: LayersModel): LayerGraph {
  return model.layers.map((layer) => {
    const className = layer.getClassName()
    const inputs = layer.inboundNodes[0]?.inboundLayers.map((inbound) => inbound.name) ?? []
    const roles = WEIGHTS_OF_LAYER[className] ?? []
    const weights = layer.weights.map((weight) => {
      const role = roles.find((each) => weight.originalName.endsWith(`/${each}`))
      if (!role) throw new Error(`the engine does not know the weight ${weight.originalName} of ${className}`)
      const moving = role.startsWith('moving_')
      return {
        name: `${layer.name}/${role}`,
        role,
        shape: weight.shape.map((size) => size ?? 0),
        trainable: layer.trainable && !moving,
      }
    })
    return { name: layer.name, className, config: layer.getConfig(), inputs, weights, trainable: layer.trainable }
  })
}

/** The layers after `name`, with it as their input: what is trained on features. */
export function graphAfter(graph: LayerGraph, name: string): LayerGraph {
  return graph.slice(indexOf(graph, name) + 1)
}

/** The layers up to `name`, included: the backbone whose output the features are. */
export function graphUpTo(graph: LayerGraph, name: string): LayerGraph {
  return graph.slice(0, indexOf(graph, name) + 1)
}

/** The same layers with every batch norm in inference mode; what was trained of them still is. */
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

/** Gives a model the values of its weights, by name; those that are not in the map stay. */
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

function indexOf(graph: LayerGraph, name: string): number {
  const index = graph.findIndex((layer) => layer.name === name)
  if (index < 0) throw new Error(`the network has no layer ${name}`)
  return index
}
