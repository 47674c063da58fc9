import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { type Attribute, attribute, FLOAT, ints, NHWC, runOp } from '../raw.ts'
import { withGradient } from './gradient.ts'

export type Padding = 'same' | 'valid'

/** Convolution: images `[N, H, W, C]`, kernel `[h, w, C, F]` → `[N, H', W', F]`, float32. */
export function conv2d(images: Tensor, kernel: Tensor, strides: readonly number[], padding: Padding): Tensor4D {
  const attributes = [...convolutionAttributes(strides, padding), attribute.bool('use_cudnn_on_gpu', true)]
  return convolve('Conv2D', attributes, images, kernel)
}

/** Depthwise convolution: images `[N, H, W, C]`, kernel `[h, w, C, 1]` → `[N, H', W', C]`, float32. */
export function depthwiseConv2d(
  images: Tensor,
  kernel: Tensor,
  strides: readonly number[],
  padding: Padding,
): Tensor4D {
  return convolve('DepthwiseConv2dNative', convolutionAttributes(strides, padding), images, kernel)
}

function convolve(op: string, attributes: readonly Attribute[], images: Tensor, kernel: Tensor): Tensor4D {
  return withGradient([images, kernel], (save) => {
    save([images, kernel])
    return {
      value: runOp(op, attributes, [images, kernel]),
      gradient: (dy, [x, k]) => [
        runOp(`${op}BackpropInput`, attributes, [ints(x?.shape ?? []), k as Tensor, dy]),
        runOp(`${op}BackpropFilter`, attributes, [x as Tensor, ints(k?.shape ?? []), dy]),
      ],
    }
  })
}

function convolutionAttributes(strides: readonly number[], padding: Padding): Attribute[] {
  const [height = 1, width = height] = strides
  return [
    FLOAT,
    attribute.int('strides', [1, height, width, 1]),
    attribute.string('padding', padding.toUpperCase()),
    NHWC,
    attribute.int('dilations', [1, 1, 1, 1]),
  ]
}
