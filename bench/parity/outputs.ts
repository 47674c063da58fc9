import type { Network } from '../../src/network/network.ts'
import { forward, graphUpTo, layerGraphOf, weightsOf } from '../../src/tensorflow/graph.ts'
import { openInference } from '../../src/tensorflow/inference.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import { distance, magnitude } from './difference.ts'
import { type Finding, worst } from './findings.ts'
import type { ComparedImages } from './images.ts'
import type { Peer } from './peer.ts'

const BOUND = { features: 1e-4, logits: 1e-4, layers: 1e-3 }
const HEAD = 'classification'

/** Maximum distance from Keras, and Keras's maximum value, over the images so far. */
interface Apart {
  distance: number
  magnitude: number
}

/**
 * Compares inference with Keras: features as training computes them (compiled, batch norms folded), logits, and the output of
 * every layer; differences are relative to the maximum over all images.
 */
export async function compareOutputs(
  network: Network,
  peer: Peer,
  images: ComparedImages,
  onImage: () => void,
): Promise<Finding[]> {
  const [, side = 0] = network.model.inputs[0]?.shape.map(Number) ?? []
  const size = side * side * 3
  const layers = new Map<string, Apart>()
  const features = { distance: 0, magnitude: 0 }
  const featuresOf = openFeatures(network, side)
  for (let image = 0; image < images.count; image++) {
    const pixels = images.values.subarray(image * size, (image + 1) * size)
    const ours = layerOutputs(network, pixels, side)
    for await (const [name, { values }] of peer.outputs(image)) {
      const found = ours.get(name)
      if (found) layers.set(name, further(layers.get(name), found, values))
      if (name === network.features) Object.assign(features, further(features, featuresOf.run(pixels, 1), values))
    }
    for (const name of ours.keys()) if (!layers.has(name)) layers.set(name, { distance: Number.NaN, magnitude: 1 })
    onImage()
  }
  featuresOf.dispose()
  const relative = new Map([...layers].map(([name, apart]) => [name, apart.distance / apart.magnitude]))
  const logits = relative.get(HEAD) ?? Number.NaN
  const place = network.features
  return [
    { what: 'features', difference: features.distance / features.magnitude, bound: BOUND.features, place },
    { what: 'logits', difference: logits, bound: BOUND.logits, place: HEAD },
    worst(`each of ${relative.size} layers' outputs`, relative, BOUND.layers),
  ]
}

function openFeatures({ model, features }: Network, side: number) {
  const backbone = { graph: graphUpTo(layerGraphOf(model), features), weights: weightsOf(model) }
  return openInference(backbone, { inputShape: [side, side, 3], engine: 'compiled' })
}

/** The output of each layer but the input for one image; the last gives logits. */
function layerOutputs({ model }: Network, pixels: Uint8Array, side: number): Map<string, Float32Array> {
  const graph = layerGraphOf(model)
  const weights = new Map(
    model.layers.flatMap((layer) => layer.weights).map((weight) => [weight.originalName, weight.read()]),
  )
  const outputs = new Map<string, Float32Array>()
  tf.tidy(() => {
    forward(graph, tf.tensor(Float32Array.from(pixels), [1, side, side, 3]), {
      weight: (name) => weights.get(name) ?? tf.tensor([]),
      training: false,
      asLogits: true,
      onOutput: (layer, output) => outputs.set(layer, output.dataSync<'float32'>()),
    })
  })
  for (const { name } of model.inputLayers) outputs.delete(name)
  return outputs
}

function further(before: Apart | undefined, found: Float32Array, expected: Float32Array): Apart {
  const now = { distance: distance(found, expected), magnitude: magnitude(expected) }
  if (!before) return now
  return {
    distance: Math.max(now.distance, before.distance),
    magnitude: Math.max(now.magnitude, before.magnitude),
  }
}
