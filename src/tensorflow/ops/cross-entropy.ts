import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core'
import { FLOAT, runOps } from '../raw.ts'
import { withGradient } from './gradient.ts'
import { multiplyRaw, reshapeRaw } from './without-gradient.ts'

/**
 * Cross-entropy of each row of logits `[N, K]` with target probabilities `[N, K]`, in nats: `[N]`. The targets get no gradient.
 */
export function softmaxCrossEntropy(logits: Tensor, targets: Tensor): Tensor1D {
  return withGradient([logits], (save) => {
    const [losses, slope] = runOps('SoftmaxCrossEntropyWithLogits', [FLOAT], [logits, targets], 2) as [Tensor, Tensor]
    save([slope])
    return { value: losses, gradient: (dy, [s]) => multiplyRaw(s as Tensor, reshapeRaw(dy, [dy.shape[0] ?? 0, 1])) }
  })
}
