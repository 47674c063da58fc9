import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { attribute, FLOAT, runOp, runOps, tf } from './raw.ts'
import { assignVariable, createZeros, readVariable, type Variable } from './variables.ts'

/** An optimizer over a fixed list of variables; the caller disposes its slots. */
export interface Optimizer {
  /** All state beside the weights and the step number: saved and restored, training resumes exactly. */
  readonly slots: readonly Variable[]
  /** The averaged weights (they are slots too), by the name of the variable; empty without averaging. */
  readonly averages: ReadonlyMap<string, Variable>
  /** The numbers of step `step` (from 1) at a learning rate: the first is the learning rate itself. */
  numbers(step: number, learningRate: number): StepNumbers
  /** Applies one gradient per variable, in their order; `numbers` are those above, as scalars. */
  apply(gradients: readonly Tensor[], numbers: readonly Scalar[]): void
}

/** Numbers that change from step to step: inputs of the compiled step, in this order. */
export type StepNumbers = readonly number[]

export interface OptimizerParams {
  readonly optimizer: 'adam' | 'adamw' | 'sgd'
  /** sgd */
  readonly momentum: number
  /** sgd with momentum */
  readonly nesterov: boolean
  /** adamw */
  readonly weightDecay: number
  /** Maximum norm of all gradients together; null: no clipping. */
  readonly clipNorm: number | null
  /** Share of the old average in the new one; null: no averages. */
  readonly ema: number | null
}

/**
 * Opens an optimizer. A step clips, decays, updates and averages, in this order, as in Keras.
 *
 * Source: keras/src/optimizers/base_optimizer.py.
 */
export function openOptimizer(params: OptimizerParams, variables: readonly Variable[]): Optimizer {
  const { optimizer, clipNorm, ema } = params
  const rule = RULES[optimizer](variables, params)
  const clip = (gradients: readonly Tensor[]) => (clipNorm === null ? gradients : clipByGlobalNorm(gradients, clipNorm))
  const clipped: Optimizer = { ...rule, apply: (gradients, numbers) => rule.apply(clip(gradients), numbers) }
  return ema === null ? clipped : withAverages(clipped, variables, ema)
}

type Rule = (variables: readonly Variable[], params: OptimizerParams) => Optimizer

const RULES: { readonly [Name in OptimizerParams['optimizer']]: Rule } = {
  adam,
  adamw: (variables, { weightDecay }) => withDecay(adam(variables), variables, weightDecay),
  sgd: (variables, { momentum, nesterov }) =>
    momentum === 0 ? plainSgd(variables) : momentumSgd(variables, momentum, nesterov),
}

/** Keras's defaults, and the paper's but for epsilon. */
const BETA1 = 0.9
const BETA2 = 0.999
const EPSILON = 1e-7

const NOT_LOCKED = attribute.bool('use_locking', false)

/**
 * Adam, with the bias correction in the step size.
 *
 * The powers of beta are computed from the step number in doubles, so that a resumed run has the same bits.
 * Source: https://arxiv.org/abs/1412.6980; constants as in keras/src/optimizers/adam.py.
 */
function adam(variables: readonly Variable[]): Optimizer {
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
 * Stochastic gradient descent with momentum m: v = m v − lr g, w += v; with Nesterov's look-ahead, w += m v − lr g.
 *
 * Source: keras/src/optimizers/sgd.py.
 */
function momentumSgd(variables: readonly Variable[], momentum: number, nesterov: boolean): Optimizer {
  const slots = variables.map((variable) => createSlot(variable, 'momentum'))
  const attributes = [FLOAT, NOT_LOCKED, attribute.bool('use_nesterov', nesterov)]
  return {
    slots,
    averages: new Map(),
    numbers: (_step, learningRate) => [learningRate],
    apply: (gradients, [rate]) => {
      const m = tf.scalar(momentum)
      variables.forEach((variable, i) => {
        const handles = [variable.handle, (slots[i] as Variable).handle]
        runOps('ResourceApplyKerasMomentum', attributes, [...handles, rate as Scalar, gradients[i] as Tensor, m], 0)
      })
    },
  }
}

/** Plain stochastic gradient descent: w −= lr g. */
function plainSgd(variables: readonly Variable[]): Optimizer {
  return {
    slots: [],
    averages: new Map(),
    numbers: (_step, learningRate) => [learningRate],
    apply: (gradients, [rate]) => {
      for (const [i, variable] of variables.entries()) descend(variable, rate as Scalar, gradients[i] as Tensor)
    },
  }
}

/** variable −= rate · direction. */
function descend(variable: Variable, rate: Tensor, direction: Tensor): void {
  runOps('ResourceApplyGradientDescent', [FLOAT, NOT_LOCKED], [variable.handle, rate, direction], 0)
}

/**
 * Subtracts lr · decay · w from every variable before its update, biases and batch norms included, as in Keras.
 *
 * Source: https://arxiv.org/abs/1711.05101, without its schedule multiplier; keras/src/optimizers/adamw.py.
 */
function withDecay(rule: Optimizer, variables: readonly Variable[], decay: number): Optimizer {
  return {
    ...rule,
    apply: (gradients, numbers) => {
      const rate = tf.mul(numbers[0] as Scalar, decay)
      for (const variable of variables) descend(variable, rate, readVariable(variable))
      rule.apply(gradients, numbers)
    },
  }
}

/**
 * Gradients times clipNorm / max(norm, clipNorm), where norm is the norm of all of them together.
 *
 * All NaN when the norm is not finite. Source: tf.clip_by_global_norm.
 */
function clipByGlobalNorm(gradients: readonly Tensor[], clipNorm: number): Tensor[] {
  const halfSquares = gradients.map((gradient) => runOp('L2Loss', [FLOAT], [gradient]))
  const norm = tf.sqrt(tf.mul(tf.addN(halfSquares), 2))
  const finite = tf.mul(tf.minimum(tf.reciprocal(norm), 1 / clipNorm), clipNorm)
  const scale = tf.add(finite, tf.sub(norm, norm))
  return gradients.map((gradient) => tf.mul(gradient, scale))
}

/**
 * Averages the variables after each step: average = share · average + (1 − share) · variable, starting with the variable.
 *
 * Running statistics of batch norms are not averaged: the averaged weights take the latest, as in Keras.
 */
function withAverages(rule: Optimizer, variables: readonly Variable[], share: number): Optimizer {
  const averages = new Map(variables.map((variable) => [variable.name, createSlot(variable, 'average')]))
  return {
    slots: [...rule.slots, ...averages.values()],
    averages,
    numbers: (step, learningRate) => [...rule.numbers(step, learningRate), step === 1 ? 0 : share],
    apply: (gradients, numbers) => {
      rule.apply(gradients, numbers.slice(0, -1))
      const old = numbers.at(-1) as Scalar
      const fresh = tf.sub(1, old)
      for (const variable of variables) {
        const average = averages.get(variable.name) as Variable
        assignVariable(average, tf.add(tf.mul(readVariable(average), old), tf.mul(readVariable(variable), fresh)))
      }
    },
  }
}

/** A variable of zeros with the shape of another. */
export function createSlot(variable: Variable, slot: string): Variable {
  return createZeros(`${variable.name}/${slot}`, variable)
}
