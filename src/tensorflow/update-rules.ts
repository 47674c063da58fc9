import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { createSlot, type Optimizer } from './optimizer.ts'
import { attribute, FLOAT, runOps } from './raw.ts'
import { tf } from './runtime.ts'
import type { Variable } from './variables.ts'

/** Keras's defaults, and the paper's but for epsilon. */
const BETA1 = 0.9
const BETA2 = 0.999
const EPSILON = 1e-7

const NOT_LOCKED = attribute.bool('use_locking', false)

/**
 * Adam, with the bias correction in the step size.
 *
 * The powers of beta are computed from the step in doubles, so that a resumed run continues with the same bits.
 * Source: https://arxiv.org/abs/1412.6980; constants as in keras/src/optimizers/adam.py.
 */
export function adam(variables: readonly Variable[]): Optimizer {
  const first = variables.map((variable) => createSlot(variable, 'm'))
  const second = variables.map((variable) => createSlot(variable, 'v'))
  const attributes = [FLOAT, NOT_LOCKED, attribute.bool('use_nesterov', false)]
  return {
    slots: [...first, ...second],
    averages: new Map(),
    numbers: (step, learningRate) => [learningRate, BETA1 ** step, BETA2 ** step],
    apply: (gradients, [rate, power1, power2]) => {
      const [beta1, beta2, epsilon] = [tf.scalar(BETA1), tf.scalar(BETA2), tf.scalar(EPSILON)]
      variables.forEach((variable, i) => {
        const handles = [variable, first[i], second[i]].map((each) => (each as Variable).handle)
        const scalars = [power1, power2, rate, beta1, beta2, epsilon] as Scalar[]
        runOps('ResourceApplyAdam', attributes, [...handles, ...scalars, gradients[i] as Tensor], 0)
      })
    },
  }
}

/**
 * Stochastic gradient descent with momentum m: v = m v − lr g, w += v; Nesterov's looks ahead, w += m v − lr g.
 *
 * Source: keras/src/optimizers/sgd.py.
 */
export function momentumSgd(variables: readonly Variable[], momentum: number, nesterov: boolean): Optimizer {
  const slots = variables.map((variable) => createSlot(variable, 'momentum'))
  const attributes = [FLOAT, NOT_LOCKED, attribute.bool('use_nesterov', nesterov)]
  return {
    slots,
    averages: new Map(),
    numbers: (_step, learningRate) => [learningRate],
    apply: (gradients, [rate]) => {
      const share = tf.scalar(momentum)
      variables.forEach((variable, i) => {
        const handles = [variable.handle, (slots[i] as Variable).handle]
        const inputs = [...handles, rate as Scalar, gradients[i] as Tensor, share]
        runOps('ResourceApplyKerasMomentum', attributes, inputs, 0)
      })
    },
  }
}

/** Plain stochastic gradient descent: w −= lr g. */
export function plainSgd(variables: readonly Variable[]): Optimizer {
  return {
    slots: [],
    averages: new Map(),
    numbers: (_step, learningRate) => [learningRate],
    apply: (gradients, [rate]) => {
      variables.forEach((variable, i) => {
        descend(variable, rate as Scalar, gradients[i] as Tensor)
      })
    },
  }
}

/** variable −= rate · direction. */
export function descend(variable: Variable, rate: Tensor, direction: Tensor): void {
  runOps('ResourceApplyGradientDescent', [FLOAT, NOT_LOCKED], [variable.handle, rate, direction], 0)
}
