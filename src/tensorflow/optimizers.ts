import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { createSlot, type Optimizer } from './optimizer.ts'
import { attribute, FLOAT, runOp } from './raw.ts'
import { tf } from './runtime.ts'
import { adam, descend, momentumSgd, plainSgd } from './update-rules.ts'
import { assignVariable, readVariable, type Variable } from './variables.ts'

export interface OptimizerParams {
  readonly optimizer: 'adam' | 'adamw' | 'sgd'
  readonly momentum: number
  readonly nesterov: boolean
  readonly weightDecay: number
  readonly clipNorm: number | null
  readonly ema: number | null
}

/**
 * Opens an optimizer; within a step it clips, decays, updates and averages in this order, as Keras does.
 *
 * Source: keras/src/optimizers/base_optimizer.py.
 */
export function openOptimizer(params: OptimizerParams, variables: readonly Variable[]): Optimizer {
  const rule = RULES[params.optimizer](variables, params)
  const clipped = params.clipNorm === null ? rule : withClipping(rule, params.clipNorm)
  return params.ema === null ? clipped : withAverages(clipped, variables, params.ema)
}

type Rule = (variables: readonly Variable[], params: OptimizerParams) => Optimizer

const RULES: { readonly [Name in OptimizerParams['optimizer']]: Rule } = {
  adam,
  adamw: (variables, { weightDecay }) => withDecay(adam(variables), variables, weightDecay),
  sgd: (variables, { momentum, nesterov }) =>
    momentum === 0 ? plainSgd(variables) : momentumSgd(variables, momentum, nesterov),
}

/**
 * Takes lr · decay · w off every variable before it is updated; biases and batch norms are not spared, as in Keras.
 *
 * Source: https://arxiv.org/abs/1711.05101, but for its schedule multiplier; keras/src/optimizers/adamw.py.
 */
function withDecay(rule: Optimizer, variables: readonly Variable[], decay: number): Optimizer {
  return {
    ...rule,
    apply: (gradients, numbers) => {
      const rate = runOp('Mul', [FLOAT], [numbers[0] as Scalar, tf.scalar(decay)])
      for (const variable of variables) descend(variable, rate, readVariable(variable))
      rule.apply(gradients, numbers)
    },
  }
}

function withClipping(rule: Optimizer, clipNorm: number): Optimizer {
  return { ...rule, apply: (gradients, numbers) => rule.apply(clipByGlobalNorm(gradients, clipNorm), numbers) }
}

/**
 * Gradients times clipNorm / max(norm, clipNorm), where norm is that of all of them together.
 *
 * NaN throughout when the norm is not finite. Source: tf.clip_by_global_norm.
 */
function clipByGlobalNorm(gradients: readonly Tensor[], clipNorm: number): Tensor[] {
  const halfSquares = gradients.map((gradient) => runOp('L2Loss', [FLOAT], [gradient]))
  const halfSquare = runOp('AddN', [FLOAT, attribute.int('N', halfSquares.length)], halfSquares)
  const norm = runOp('Sqrt', [FLOAT], [runOp('Mul', [FLOAT], [halfSquare, tf.scalar(2)])])
  const inverse = runOp('Minimum', [FLOAT], [runOp('Reciprocal', [FLOAT], [norm]), tf.scalar(1 / clipNorm)])
  const finite = runOp('Mul', [FLOAT], [inverse, tf.scalar(clipNorm)])
  const scale = runOp('AddV2', [FLOAT], [finite, runOp('Sub', [FLOAT], [norm, norm])])
  return gradients.map((gradient) => runOp('Mul', [FLOAT], [gradient, scale]))
}

/**
 * Averages the variables after each step: average = share · average + (1 − share) · variable; the first is the variable itself.
 *
 * Running statistics of batch norms are not averaged: those of the last step go with the averages, as in Keras.
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
      const fresh = runOp('Sub', [FLOAT], [tf.scalar(1), old])
      for (const variable of variables) {
        const average = averages.get(variable.name) as Variable
        const parts = [
          runOp('Mul', [FLOAT], [readVariable(average), old]),
          runOp('Mul', [FLOAT], [readVariable(variable), fresh]),
        ]
        assignVariable(average, runOp('AddV2', [FLOAT], parts))
      }
    },
  }
}
