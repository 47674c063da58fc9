import type { NamedTensor } from './manifest.ts'
import type { Network } from './network.ts'

/**
 * The weights of Keras's own network as those of ours.
 *
 * Within a layer their order decides, as in Keras, so that `kernel` may stand for `depthwise_kernel`; the names stay where a
 * layer has more of them than ours, or fewer. The kernel that takes blue, green, red gets its input channels reversed.
 */
export function fromKeras(
  { model, bgrKernel }: Network,
  tensors: ReadonlyMap<string, NamedTensor>,
): Map<string, NamedTensor> {
  const ours = new Map(model.layers.map(({ name, weights }) => [name, weights.map(({ originalName }) => originalName)]))
  const theirs = [...tensors.keys()]
  return new Map(
    [...tensors].map(([theirName, tensor]) => {
      const layer = layerOf(theirName)
      const siblings = theirs.filter((name) => layerOf(name) === layer)
      const wanted = ours.get(layer)
      const name = (wanted?.length === siblings.length && wanted[siblings.indexOf(theirName)]) || theirName
      return [name, name === bgrKernel ? reverseInputs(tensor) : tensor]
    }),
  )
}

/** The layer of a weight: `conv1_conv` of `conv1_conv/kernel`. */
export function layerOf(weight: string): string {
  return weight.slice(0, weight.lastIndexOf('/'))
}

/** A kernel [H, W, C, F] with its C input channels in the other order. */
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
