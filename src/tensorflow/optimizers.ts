import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { attribute, FLOAT, runOps } from './raw.ts'
import { tf } from './runtime.ts'
import { createVariable, type Variable } from './variables.ts'

/** Numbers that change from step to step, in the order in which they enter a step. */
export type StepNumbers = readonly number[]

/** An optimizer over a fixed list of variables; its slots are variables too. */
export interface Optimizer {
  /** What an exact resume needs beside the weights. */
  readonly slots: readonly Variable[]
  /** The numbers of step `step` (from 1) at a learning rate: the first is the learning rate itself. */
  numbers(step: number, learningRate: number): StepNumbers
  /** Applies the gradients of the variables, in their order; `numbers` are those above, as scalars. */
  apply(gradients: readonly Tensor[], numbers: readonly Scalar[]): void
}

export type OptimizerName = 'adam' | 'sgd'

/** Makes the optimizer of that name. */
export const optimizers: { readonly [Name in OptimizerName]: (variables: readonly Variable[]) => Optimizer } = {
  adam,
  sgd,
}

const BETA1 = 0.9
const BETA2 = 0.999
const EPSILON = 1e-7

/**
 * Adam, with the bias correction in the step size.
 *
 * The powers of beta are computed from the step in doubles, so that a resumed run continues with the same bits.
 * Source: https://arxiv.org/abs/1412.6980; constants as in keras/src/optimizers/adam.py.
 */
function adam(variables: readonly Variable[]): Optimizer {
  const first = variables.map((variable) => zerosLike(variable, 'm'))
  const second = variables.map((variable) => zerosLike(variable, 'v'))
  const attributes = [FLOAT, attribute.bool('use_locking', false), attribute.bool('use_nesterov', false)]
  return {
    slots: [...first, ...second],
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

/** Plain stochastic gradient descent. */
function sgd(variables: readonly Variable[]): Optimizer {
  const attributes = [FLOAT, attribute.bool('use_locking', false)]
  return {
    slots: [],
    numbers: (_step, learningRate) => [learningRate],
    apply: (gradients, [rate]) => {
      variables.forEach((variable, i) => {
        runOps('ResourceApplyGradientDescent', attributes, [variable.handle, rate as Scalar, gradients[i] as Tensor], 0)
      })
    },
  }
}

function zerosLike({ name, shape }: Variable, slot: string): Variable {
  return createVariable(`${name}/${slot}`, shape, new Float32Array(shape.reduce((product, size) => product * size, 1)))
}
