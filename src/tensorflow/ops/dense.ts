import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core'
import { attribute, FLOAT, NHWC, runOp } from '../raw.ts'
import { withGradient } from './gradient.ts'

/** Matrix product: `[N, A]` and `[A, B]` → `[N, B]`. */
export function matMul(x: Tensor, kernel: Tensor): Tensor2D {
  return withGradient([x, kernel], (save) => {
    save([x, kernel])
    return {
      value: matMulRaw(x, kernel, false, false),
      gradient: (dy, [input, k]) => [
        matMulRaw(dy, k as Tensor, false, true),
        matMulRaw(input as Tensor, dy, true, false),
      ],
    }
  })
}

/** Adds `bias` `[C]` to the last axis. */
export function addBias<T extends Tensor>(x: T, bias: Tensor): T {
  return withGradient([x, bias], () => ({
    value: runOp('BiasAdd', [FLOAT, NHWC], [x, bias]),
    gradient: (dy) => [dy.clone(), runOp('BiasAddGrad', [FLOAT, NHWC], [dy])],
  }))
}

function matMulRaw(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return runOp(
    'MatMul',
    [FLOAT, attribute.bool('transpose_a', transposeA), attribute.bool('transpose_b', transposeB)],
    [a, b],
  )
}
