import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { asFloat, type BatchValues, batchTensor, withinMemory } from '../tensorflow/batch.ts'
import { type FrozenGraph, foldBatchNorms } from '../tensorflow/fold.ts'
import { forward, graphAfter, graphUpTo, type LayerGraph } from '../tensorflow/graph.ts'
import { tf } from '../tensorflow/raw.ts'
import { createVariables, disposeVariable, readVariable, type Variable } from '../tensorflow/variables.ts'

/** Heat maps `[count, height, width]` of some inputs, row by row. */
export interface HeatMaps {
  readonly height: number
  readonly width: number
  readonly values: Float32Array
}

/** A network that says where in an image it sees a class; dispose it. */
export interface GradCam {
  /**
   * Heat maps of `count` images for each list of classes, `count` places a list.
   *
   * Values are 0 or more, in units of the logit: what the cell adds to it where the layers above are linear.
   */
  run(values: BatchValues, count: number, targets: readonly (readonly number[])[]): HeatMaps[]
  dispose(): void
}

/**
 * Gets Grad-CAM of a network ready, on the last layer that still has height and width: the one that is pooled or flattened.
 *
 * With A `[H, W, C]` the output of that layer and y the logit of a class: the weight of channel k is the mean of ∂y/∂A_k over
 * height and width, and the map is ReLU(Σ_k weight_k A_k). Only the layers above are derived, so it costs one forward pass
 * and next to nothing for each class. Where these are a global average pool and a dense layer, ∂y/∂A_k is w_k / (H W)
 * everywhere, so this is class activation mapping, Σ_k w_k A_k / (H W), to the last digit; where they are flattened into
 * dense layers, as in the study's own network, there is no such closed form.
 *
 * Source: Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391; Zhou et al. 2016, https://arxiv.org/abs/1512.04150
 */
export function openGradCam(frozen: FrozenGraph, inputShape: readonly number[]): GradCam {
  const { graph, weights } = foldBatchNorms(frozen)
  const layer = lastSpatialLayer(graph)
  const [below, above] = [graphUpTo(graph, layer), graphAfter(graph, layer)]
  const variables = createVariables(graph, weights)
  const run = (values: BatchValues, count: number, targets: readonly (readonly number[])[]): HeatMaps[] =>
    tf.tidy(() => {
      const pixels = asFloat(batchTensor(values, [count, ...inputShape]))
      const activations = forward(below, pixels, options(variables)) as Tensor4D // [N, H, W, C]
      const [, height, width] = activations.shape
      return targets.map((classes) => ({ height, width, values: heatOf(activations, above, variables, classes) }))
    })
  return {
    run: (values, count, targets) =>
      withinMemory(() => run(values, count, targets), { count, inputShape, batchSizeKey: 'evaluate.batchSize' }),
    dispose: () => {
      for (const variable of variables.values()) disposeVariable(variable)
    },
  }
}

const FLATTENING = new Set(['GlobalAveragePooling2D', 'Flatten'])

/** The input of the last layer that takes height and width away; those before it belong to squeeze-and-excitation. */
function lastSpatialLayer(graph: LayerGraph): string {
  const name = graph.findLast(({ className }) => FLATTENING.has(className))?.inputs[0]
  if (name === undefined) throw new Error('the network has no layer that is pooled or flattened')
  return name
}

function heatOf(
  activations: Tensor4D,
  above: LayerGraph,
  variables: ReadonlyMap<string, Variable>,
  classes: readonly number[],
): Float32Array {
  const logits = (x: Tensor): Tensor => forward(above, x, options(variables))
  const { shape } = logits(activations)
  const chosen = tf.oneHot(tf.tensor1d([...classes], 'int32'), shape[1] ?? 0).toFloat() // [N, K]
  // Images do not see each other, so one pass gives ∂(logit of its class) of each.
  const gradient = tf.grad(logits)(activations, chosen) // [N, H, W, C]
  const weights = tf.mean(gradient, [1, 2], true) // [N, 1, 1, C]
  return tf
    .relu(tf.sum(tf.mul(weights, activations), 3))
    .dataSync<'float32'>()
    .slice() // [N, H, W]
}

function options(variables: ReadonlyMap<string, Variable>) {
  const weight = (name: string): Tensor => readVariable(variables.get(name) as Variable)
  return { weight, training: false, asLogits: true }
}
