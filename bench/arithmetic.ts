/** A layer as far as its arithmetic goes. */
export interface CountedLayer {
  readonly className: string
  /** Shape of its output without the batch: `[H, W, C]` or `[C]`. */
  readonly outputShape: readonly number[]
  /** Shape of its kernel: `[h, w, in, out]`, depthwise `[h, w, channels, 1]`, dense `[in, out]`; nothing without one. */
  readonly kernelShape?: readonly number[]
}

/**
 * Multiply-adds of one image through a network: those of convolutions and dense layers, which are nearly all.
 *
 * Each number that a kernel gives costs the kernel's inputs for it; a depthwise output is of one channel alone.
 */
export function multiplyAdds(layers: readonly CountedLayer[]): number {
  return layers.map(ofLayer).reduce((sum, count) => sum + count, 0)
}

/** Floating-point operations of one image in a training step: forward, and two products as large for the gradients. */
export function trainingOperations(layers: readonly CountedLayer[]): number {
  return 3 * inferenceOperations(layers)
}

/** A multiply-add is two operations. */
export function inferenceOperations(layers: readonly CountedLayer[]): number {
  return 2 * multiplyAdds(layers)
}

function ofLayer({ className, outputShape, kernelShape = [] }: CountedLayer): number {
  const [height = 0, width = 1, inputs = 1] = kernelShape
  const outputs = product(outputShape)
  switch (className) {
    case 'Conv2D':
      return outputs * height * width * inputs
    case 'DepthwiseConv2D':
      return outputs * height * width
    case 'Dense':
      return outputs * height // [in, out]: its first size
    default:
      return 0
  }
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1)
}
