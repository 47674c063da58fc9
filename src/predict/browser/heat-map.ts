import * as tf from '@tensorflow/tfjs-core'
import { type LayersModel, type SymbolicTensor, model as subModel } from '@tensorflow/tfjs-layers'

/** Grad-CAM heat map `[height, width]`, in [0, 1], row by row. */
export interface Heat {
  readonly width: number
  readonly height: number
  readonly values: readonly number[]
}

type Layer = LayersModel['layers'][number]

/**
 * Grad-CAM on the last layer with height and width: the ReLU of its feature maps, weighted by the mean gradient of the class's
 * logit. With global average pooling and a dense layer above, this is the class activation map. Undefined without such a layer.
 * Source: Selvaraju et al., https://arxiv.org/abs/1610.02391
 */
export function openHeatMap(model: LayersModel): ((input: tf.Tensor4D, place: number) => Promise<Heat>) | undefined {
  const cut = lastMaps(model.layers)
  if (cut === undefined) return undefined
  const output = model.layers[cut]?.output as SymbolicTensor
  const body = subModel({ inputs: model.inputs, outputs: output })
  const tail = model.layers.slice(cut + 1)
  return async (input, place) => {
    const heat = tf.tidy(() => {
      const maps = body.predict(input) as tf.Tensor4D
      const logit = (x: tf.Tensor) => tf.sum(tf.slice2d(logitsOf(tail, x), [0, place], [1, 1])) as tf.Scalar
      const weights = tf.mean(tf.grad(logit)(maps), [1, 2], true) // [1, 1, 1, C]
      const sum = tf.relu(tf.sum(tf.mul(maps, weights), 3)) // [1, H, W]
      return tf.div(sum, tf.maximum(tf.max(sum), 1e-12)) as tf.Tensor3D
    })
    try {
      const [, height, width] = heat.shape
      return { width, height, values: [...(await heat.data())] }
    } finally {
      heat.dispose()
    }
  }
}

/** The last layer with a height above 1 after which the layers form a chain. */
function lastMaps(layers: readonly Layer[]): number | undefined {
  for (let place = layers.length - 1; place > 0; place--) {
    const shape = layers[place]?.outputShape as (number | null)[]
    if (shape.length === 4 && (shape[1] ?? 0) > 1) return place
    if (inputsOf(layers[place]).join() !== (layers[place - 1]?.name ?? '')) return undefined
  }
  return undefined
}

function inputsOf(layer: Layer | undefined): string[] {
  return layer?.inboundNodes[0]?.inboundLayers.map(({ name }) => name) ?? []
}

/** The logits: the last layers without the final softmax. */
function logitsOf(layers: readonly Layer[], maps: tf.Tensor): tf.Tensor2D {
  const inputs = layers.slice(0, -1).reduce((x, layer) => layer.apply(x) as tf.Tensor, maps) as tf.Tensor2D
  const [kernel, bias] = (layers.at(-1)?.getWeights() ?? []) as [tf.Tensor2D, tf.Tensor1D?]
  const product = tf.matMul(inputs, kernel) as tf.Tensor2D
  return bias ? tf.add(product, bias) : product
}
