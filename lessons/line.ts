import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { compile } from '../src/tensorflow/compile.ts'
import { sumOfSquares } from '../src/tensorflow/ops/arithmetic.ts'
import { addBias, matMul } from '../src/tensorflow/ops/dense.ts'
import { openOptimizer } from '../src/tensorflow/optimizers.ts'
import { DTYPE, tf } from '../src/tensorflow/raw.ts'
import { createVariable, disposeVariable, readVariable, saveVariable } from '../src/tensorflow/variables.ts'

/** A point to learn from. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** The line that the points lie on. */
export const TRUTH = { weight: 2, bias: 1 } as const
export const POINTS: readonly Point[] = [0, 1, 3, 5, 6].map((x) => ({ x, y: TRUTH.weight * x + TRUTH.bias }))

/** y = weight · x + bias. */
export interface Line {
  readonly weight: number
  readonly bias: number
}

/** How the line is learned. */
export interface LineParams {
  readonly optimizer: 'sgd' | 'adam'
  readonly learningRate: number
  readonly epochs: number
  /** Points per step: 1 takes them one by one, in order; 5 all at once. */
  readonly batchSize: number
}

/** The line before training (weight 0, bias 0) and after each epoch of gradient descent on the mean squared error. */
export function learnLine({ optimizer, learningRate, epochs, batchSize }: LineParams): Line[] {
  const trainer = openTrainer(optimizer, batchSize)
  const batches = inBatches(POINTS, batchSize)
  try {
    const lines = [trainer.read()]
    for (let epoch = 1; epoch <= epochs; epoch++) {
      for (const [i, batch] of batches.entries()) {
        trainer.take(batch, (epoch - 1) * batches.length + i + 1, learningRate)
      }
      lines.push(trainer.read())
    }
    return lines
  } finally {
    trainer.close()
  }
}

/** Mean squared error of a line over all points. */
export function errorOf({ weight, bias }: Line): number {
  return POINTS.reduce((sum, { x, y }) => sum + (weight * x + bias - y) ** 2, 0) / POINTS.length
}

const PLAIN = { momentum: 0, nesterov: false, weightDecay: 0, clipNorm: null, ema: null } as const

/** Owns weight, bias, the optimizer's slots and the compiled step until it is closed. */
function openTrainer(name: LineParams['optimizer'], batchSize: number) {
  const weight = createVariable('weight', [1, 1], new Float32Array(1))
  const bias = createVariable('bias', [1], new Float32Array(1))
  const variables = [weight, bias]
  const optimizer = openOptimizer({ ...PLAIN, optimizer: name }, variables)
  const column = { shape: [batchSize, 1], dtype: DTYPE.float32 }
  const scalars = optimizer.numbers(1, 0).map(() => ({ shape: [], dtype: DTYPE.float32 }))
  const step = compile([column, column, ...scalars], ([x, y, ...numbers]) => {
    const loss = (...line: Tensor[]): Scalar => squaredError(x as Tensor, y as Tensor, line)
    const { value, grads } = tf.valueAndGrads(loss)(variables.map((variable) => readVariable(variable)))
    optimizer.apply(grads, numbers as Scalar[])
    return [value]
  })
  return {
    take: (points: readonly Point[], number: number, learningRate: number): void =>
      tf.tidy(() => {
        const columns = [points.map(({ x }) => x), points.map(({ y }) => y)]
        const inputs = columns.map((values) => tf.tensor2d(values, [values.length, 1]))
        step.run([...inputs, ...optimizer.numbers(number, learningRate).map((value) => tf.scalar(value))])
      }),
    read: (): Line => ({ weight: saveVariable(weight)[0] ?? Number.NaN, bias: saveVariable(bias)[0] ?? Number.NaN }),
    close: () => {
      step.dispose()
      for (const variable of [...variables, ...optimizer.slots]) disposeVariable(variable)
    },
  }
}

function squaredError(x: Tensor, y: Tensor, [weight, bias]: readonly Tensor[]): Scalar {
  const differences = tf.sub(addBias(matMul(x, weight as Tensor), bias as Tensor), y) // [N, 1]
  return tf.mul(sumOfSquares(differences), 1 / (x.shape[0] ?? 1))
}

function inBatches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: items.length / size }, (_, i) => items.slice(i * size, (i + 1) * size))
}
