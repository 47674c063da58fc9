import { WeightsError } from '../core/errors.ts'
import { tf } from '../tensorflow/runtime.ts'
import { fromKeras, layerOf } from './keras-weights.ts'
import { backboneOf, type Network, NORMALIZATION } from './network.ts'
import type { NamedWeights } from './weights.ts'

/**
 * Puts weights into the backbone of a network, by the names of layer and weight; the head stays as it is.
 *
 * Weights of layers that the published model or this network has after the features are left out. Keeps no tensor.
 *
 * @throws WeightsError that names every missing, extra or misshaped tensor; the network is then unchanged.
 */
export function assignWeights(network: Network, { place, format, ...found }: NamedWeights): void {
  const tensors = format === 'keras' ? fromKeras(network, found.tensors) : found.tensors
  const variables = backboneOf(network)
    .filter(({ name }) => name !== NORMALIZATION)
    .flatMap(({ weights }) => weights)
  const wanted = new Set(variables.map(({ originalName }) => originalName))
  const ignored = ignoredLayers(network)
  const faults = [
    ...variables.flatMap(({ originalName, shape }) => faultOf(originalName, shape, tensors.get(originalName)?.shape)),
    ...[...tensors.keys()]
      .filter((name) => !wanted.has(name) && !ignored.has(layerOf(name)))
      .map((name) => `extra ${name}`),
  ]
  if (faults.length > 0) {
    throw new WeightsError(
      `Expected weights that fit ${network.model.name} in ${place}, received others: ${faults.join('; ')}. Name the weights of this very network.`,
    )
  }
  tf.tidy(() => {
    for (const variable of variables) {
      const tensor = tensors.get(variable.originalName)
      if (tensor) variable.write(tf.tensor(tensor.values, [...tensor.shape], 'float32'))
    }
  })
}

/** The head, the published model's and this one's, and the layer that is the architecture's own. */
function ignoredLayers(network: Network): ReadonlySet<string> {
  const own = network.model.layers.slice(backboneOf(network).length).map(({ name }) => name)
  return new Set([NORMALIZATION, ...own, ...(network.pretrained?.head ?? [])])
}

function faultOf(name: string, shape: readonly (number | null)[], received: readonly number[] | undefined): string[] {
  if (!received) return [`missing ${name} [${shape}]`]
  return String(received) === String(shape) ? [] : [`${name} is [${received}] and must be [${shape}]`]
}
