import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import { type Attribute, attribute, FLOAT, ints, NHWC, runOp } from '../raw.ts'
import { withGradient } from './gradient.ts'

/** 'same' and 'valid' are TensorFlow's; numbers are pixels before and after: [top, bottom, left, right]. */
export type Padding = 'same' | 'valid' | readonly [number, number, number, number]

/** Convolution: images `[N, H, W, C]`, kernel `[h, w, C, F]` → `[N, H', W', F]`, float32. */
export function conv2d(images: Tensor, kernel: Tensor, strides: readonly number[], padding: Padding): Tensor4D {
  const attributes = convolutionAttributes(strides, padding)
  return withGradient([images, kernel], (save) => {
    save([images, kernel])
    return {
      value: runOp('Conv2D', [...attributes, attribute.bool('use_cudnn_on_gpu', true)], [images, kernel]),
      gradient: (dy, [x, k]) => [
        runOp(
          'Conv2DBackpropInput',
          [...attributes, attribute.bool('use_cudnn_on_gpu', true)],
          [ints(x?.shape ?? []), k as Tensor, dy],
        ),
        runOp(
          'Conv2DBackpropFilter',
          [...attributes, attribute.bool('use_cudnn_on_gpu', true)],
          [x as Tensor, ints(k?.shape ?? []), dy],
        ),
      ],
    }
  })
}

/** Depthwise convolution: images `[N, H, W, C]`, kernel `[h, w, C, 1]` → `[N, H', W', C]`, float32. */
export function depthwiseConv2d(
  images: Tensor,
  kernel: Tensor,
  strides: readonly number[],
  padding: Padding,
): Tensor4D {
  const attributes = convolutionAttributes(strides, padding)
  return withGradient([images, kernel], (save) => {
    save([images, kernel])
    return {
      value: runOp('DepthwiseConv2dNative', attributes, [images, kernel]),
      gradient: (dy, [x, k]) => [
        runOp('DepthwiseConv2dNativeBackpropInput', attributes, [ints(x?.shape ?? []), k as Tensor, dy]),
        runOp('DepthwiseConv2dNativeBackpropFilter', attributes, [x as Tensor, ints(k?.shape ?? []), dy]),
      ],
    }
  })
}

function convolutionAttributes(strides: readonly number[], padding: Padding): Attribute[] {
  const [height = 1, width = height] = strides
  return [
    FLOAT,
    attribute.int('strides', [1, height, width, 1]),
    ...paddingAttributes(padding),
    NHWC,
    attribute.int('dilations', [1, 1, 1, 1]),
  ]
}

function paddingAttributes(padding: Padding): Attribute[] {
  if (typeof padding === 'string') {
    return [attribute.string('padding', padding.toUpperCase()), attribute.int('explicit_paddings', [])]
  }
  return [attribute.string('padding', 'EXPLICIT'), attribute.int('explicit_paddings', [0, 0, ...padding, 0, 0])]
}
