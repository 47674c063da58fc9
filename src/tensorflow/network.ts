import type { LayersModel } from '@tensorflow/tfjs-layers'
import { type LayerConfig, WEIGHTS_OF_LAYER } from './layers.ts'

/** One weight of a layer: its name as saved (`conv1/kernel`), its role, shape, and whether training may change it. */
export interface WeightSpec {
  readonly name: string
  readonly role: string
  readonly shape: readonly number[]
  readonly trainable: boolean
}

/** One layer as the engine runs it. */
export interface NetworkLayer {
  readonly name: string
  readonly className: string
  readonly config: LayerConfig
  /** Names of the layers whose outputs it takes. */
  readonly inputs: readonly string[]
  readonly weights: readonly WeightSpec[]
  /** False freezes it: no gradients, and batch norm in inference mode. */
  readonly trainable: boolean
}

/** Layers in an order in which each comes after its inputs. */
export type Network = readonly NetworkLayer[]

/** What a layers model is made of: the engine runs it layer by layer with ops of its own. */
export function networkOf(model: LayersModel): Network {
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
export function networkAfter(network: Network, name: string): Network {
  return network.slice(indexOf(network, name) + 1)
}

/** The layers up to `name`, included: the backbone whose output the features are. */
export function networkUpTo(network: Network, name: string): Network {
  return network.slice(0, indexOf(network, name) + 1)
}

/** The current values of a model's weights, by name. */
export function weightsOf(model: LayersModel): Map<string, Float32Array> {
  const values = model.layers.flatMap((layer) => layer.getWeights())
  const specs = networkOf(model).flatMap((layer) => layer.weights)
  return new Map(specs.map((spec, i) => [spec.name, (values[i]?.dataSync() as Float32Array).slice()]))
}

function indexOf(network: Network, name: string): number {
  const index = network.findIndex((layer) => layer.name === name)
  if (index < 0) throw new Error(`the network has no layer ${name}`)
  return index
}
