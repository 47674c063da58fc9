import type { Tensor } from '@tensorflow/tfjs-core'
import { derivedSeed } from '../core/random.ts'
import type { LayerGraph, LayerNode } from './layer-graph.ts'
import { LAYERS, seedPair } from './layers.ts'

/** How a network is run. */
export interface ForwardOptions {
  /** The value of a weight, by its full name. */
  readonly weight: (name: string) => Tensor
  readonly training: boolean
  /** Leaves the last softmax away: losses want logits. */
  readonly asLogits: boolean
  /** In training: the seed of the run and the number of the step, an int32 scalar; masks follow from both and the layer. */
  readonly randomness?: { readonly seed: number; readonly step: Tensor }
  /** In training: the momentum of every batch norm, in place of the layer's own. */
  readonly batchNormMomentum?: number
  /** In training: receives new running statistics, by the weight's full name. */
  readonly updateStatistic?: (name: string, value: Tensor) => void
  /** Receives what each layer gives, as soon as it is there. */
  readonly onOutput?: (layer: string, output: Tensor) => void
}

/**
 * Runs the layers in order on one input and gives the output of the last.
 *
 * The input is whatever the first layer takes: pixels `[N, S, S, 3]` float32 in 0..255, or features `[N, C]`. A layer that is
 * not trainable runs in inference mode, and so does a batch norm that keeps its statistics. Makes tensors that the caller's tidy disposes.
 */
export function forward(graph: LayerGraph, input: Tensor, options: ForwardOptions): Tensor {
  const outputs = new Map<string, Tensor>()
  let last = input
  for (const layer of graph) {
    if (layer.className !== 'InputLayer')
      last = runLayer(
        layer,
        layer.inputs.map((name) => outputs.get(name) ?? input),
        options,
      )
    outputs.set(layer.name, last)
    options.onOutput?.(layer.name, last)
  }
  return last
}

function runLayer(layer: LayerNode, inputs: readonly Tensor[], options: ForwardOptions): Tensor {
  const apply = LAYERS[layer.className]
  if (!apply) throw new Error(`the engine does not know the layer class ${layer.className} (${layer.name})`)
  const roles = new Set(layer.weights.map((weight) => weight.role))
  return apply(inputs, {
    config: layer.config,
    training: options.training && layer.trainable && layer.keepsStatistics !== true,
    asLogits: options.asLogits,
    batchNormMomentum: options.batchNormMomentum,
    hasWeight: (role) => roles.has(role),
    weight: (role) => options.weight(`${layer.name}/${role}`),
    updateStatistics: (mean, variance) => {
      options.updateStatistic?.(`${layer.name}/moving_mean`, mean)
      options.updateStatistic?.(`${layer.name}/moving_variance`, variance)
    },
    dropoutSeed: () => {
      if (!options.randomness) throw new Error(`dropout in ${layer.name} needs a seed`)
      return seedPair(derivedSeed(options.randomness.seed, 'dropout', layer.name), options.randomness.step)
    },
  })
}
