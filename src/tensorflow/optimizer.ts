import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { createVariable, type Variable } from './variables.ts'

/** Numbers that change from step to step, in the order in which they enter a step. */
export type StepNumbers = readonly number[]

/** An optimizer over a fixed list of variables; whoever opens it disposes its slots. */
export interface Optimizer {
  /** What an exact resume needs beside the weights and the number of the step. */
  readonly slots: readonly Variable[]
  /** The averaged weights, by the name of the variable that each is an average of; empty without averaging. They are slots too. */
  readonly averages: ReadonlyMap<string, Variable>
  /** The numbers of step `step` (from 1) at a learning rate: the first is the learning rate itself. */
  numbers(step: number, learningRate: number): StepNumbers
  /** Applies the gradients of the variables, in their order; `numbers` are those above, as scalars. */
  apply(gradients: readonly Tensor[], numbers: readonly Scalar[]): void
}

/** A variable of zeros beside another one. */
export function createSlot({ name, shape }: Variable, slot: string): Variable {
  return createVariable(`${name}/${slot}`, shape, new Float32Array(shape.reduce((product, size) => product * size, 1)))
}
