import type { Numerics } from '../tensorflow/environment.ts'
import type { LayerGraph, LayerNode } from '../tensorflow/graph.ts'

/** What may be relied on when a training is run again. */
export interface Guarantees {
  /** The same bytes from the same seed on this device, with the same threads and oneDNN setting. */
  readonly sameSeedSameBytes: boolean
  /** The same bytes as without it after an interruption, under the same conditions. */
  readonly sameBytesAfterInterruption: boolean
  /** The same bytes whatever TF_NUM_INTRAOP_THREADS and the number of cores are. */
  readonly sameBytesForAnyThreadCount: boolean
  /** The ops of this network that add up in another order with another number of threads; `train.threads` settles it. */
  readonly opsThatDependOnThreads: readonly string[]
}

/** Found by running each op with one and with two threads, oneDNN on; for Conv2D it depends on the shape. */
const OPS_THAT_DEPEND_ON_THREADS: Readonly<Record<string, readonly string[]>> = {
  Conv2D: ['Conv2DBackpropFilter', 'BiasAddGrad'],
  DepthwiseConv2D: ['DepthwiseConv2dNativeBackpropFilter'],
  BatchNormalization: ['FusedBatchNormV3', 'FusedBatchNormGradV3'],
}

/**
 * The guarantees of a training of this network.
 *
 * A GPU has gradients that add up in no fixed order unless it is made to refuse them; that is TensorFlow's word, not our test.
 */
export function guaranteesOf(
  graph: LayerGraph,
  { gpu, deterministic, threads }: { gpu: boolean } & Numerics,
): Guarantees {
  const trained = graph.filter((layer) => layer.weights.some((weight) => weight.trainable))
  const ops = new Set(trained.flatMap(opsThatDependOnThreads))
  const repeatable = !gpu || deterministic
  return {
    sameSeedSameBytes: repeatable,
    sameBytesAfterInterruption: repeatable,
    sameBytesForAnyThreadCount: !gpu && (threads !== null || ops.size === 0),
    opsThatDependOnThreads: gpu ? [] : [...ops].sort(),
  }
}

/** A batch norm that keeps its statistics only sums up in its gradient. */
function opsThatDependOnThreads({ className, keepsStatistics }: LayerNode): readonly string[] {
  const ops = OPS_THAT_DEPEND_ON_THREADS[className] ?? []
  return keepsStatistics ? ops.filter((op) => op !== 'FusedBatchNormV3') : ops
}
