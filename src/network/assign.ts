import { WeightsError } from '../core/errors.ts'
import { tf } from '../tensorflow/raw.ts'
import { backboneOf, type Network, NORMALIZATION } from './network.ts'
import type { NamedTensor } from './weight-files.ts'
import type { NamedWeights } from './weights.ts'

/**
 * Sets the weights of a network's backbone by the names of layer and weight; the head stays as it is. Keeps no tensor.
 *
 * Ignores weights of layers after the features, in the published model and in this network.
 *
 * @throws WeightsError that lists every missing, extra or misshaped tensor; the network is then unchanged.
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
      `Expected weights that fit ${network.model.name} in ${place}, received others: ${faults.join('; ')}. Name the weights of this network.`,
    )
  }
  tf.tidy(() => {
    for (const variable of variables) {
      const tensor = tensors.get(variable.originalName)
      if (tensor) variable.write(tf.tensor(tensor.values, [...tensor.shape], 'float32'))
    }
  })
}

/** Layers whose weights are not assigned: the heads of both models, and the normalization. */
function ignoredLayers(network: Network): ReadonlySet<string> {
  const own = network.model.layers.slice(backboneOf(network).length).map(({ name }) => name)
  return new Set([NORMALIZATION, ...own, ...(network.pretrained?.head ?? [])])
}

function faultOf(name: string, shape: readonly (number | null)[], received: readonly number[] | undefined): string[] {
  if (!received) return [`missing ${name} [${shape}]`]
  return String(received) === String(shape) ? [] : [`${name} is [${received}] and must be [${shape}]`]
}

/**
 * The weights of Keras's network under our names and shapes.
 *
 * Within a layer the order decides, as in Keras, so that `kernel` may become `depthwise_kernel`; names stay where the number
 * of weights differs. A shape becomes ours where only axes of one stand elsewhere: a grouped kernel `[7, 7, 1, C]` is a
 * depthwise one `[7, 7, C, 1]`, a dense one `[A, B]` that of a 1x1 convolution. The input channels of the kernel that takes
 * blue, green, red are reversed.
 */
export function fromKeras(
  { model, bgrKernel, layersOfKeras }: Network,
  tensors: ReadonlyMap<string, NamedTensor>,
): Map<string, NamedTensor> {
  const ours = new Map(model.layers.map(({ name, weights }) => [name, weights]))
  const theirs = [...tensors.keys()]
  return new Map(
    [...tensors].map(([theirName, tensor]) => {
      const layer = layerOf(theirName)
      const siblings = theirs.filter((name) => layerOf(name) === layer)
      const wanted = (layersOfKeras?.(layer) ?? [layer]).flatMap((name) => ours.get(name) ?? [])
      const weight = wanted.length === siblings.length ? wanted[siblings.indexOf(theirName)] : undefined
      if (!weight) return [theirName, tensor]
      const { originalName: name, shape } = weight
      return [name, name === bgrKernel ? reverseInputs(tensor) : inShape(tensor, shape.map(Number))]
    }),
  )
}

/** The same values in a shape that differs in axes of one alone; any other tensor as it is. */
function inShape(tensor: NamedTensor, shape: readonly number[]): NamedTensor {
  const sizes = (axes: readonly number[]) => String(axes.filter((size) => size !== 1))
  const differs = String(tensor.shape) !== String(shape) && sizes(tensor.shape) === sizes(shape)
  return differs ? { shape, values: tensor.values } : tensor
}

/** The layer of a weight: `conv1_conv` of `conv1_conv/kernel`. */
export function layerOf(weight: string): string {
  return weight.slice(0, weight.lastIndexOf('/'))
}

/** A kernel `[H, W, C, F]` with its C input channels in reverse order. */
function reverseInputs({ shape, values }: NamedTensor): NamedTensor {
  const [channels = 0, filters = 0] = shape.slice(2)
  const reversed = values.map((_, index) => {
    const filter = index % filters
    const channel = Math.floor(index / filters) % channels
    const first = index - filter - channel * filters
    return values[first + (channels - 1 - channel) * filters + filter] ?? Number.NaN
  })
  return { shape, values: reversed }
}
