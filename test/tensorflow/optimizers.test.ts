import { describe, expect, it } from 'vitest'
import { layerGraphOf, weightsOf } from '../../src/tensorflow/graph.ts'
import { type OptimizerParams, openOptimizer } from '../../src/tensorflow/optimizers.ts'
import { tf } from '../../src/tensorflow/raw.ts'
import {
  createVariable,
  createVariables,
  disposeVariable,
  saveVariable,
  trainableOf,
  writeVariable,
} from '../../src/tensorflow/variables.ts'
import { openStep } from '../../src/train/step.ts'
import { KERAS_SIDE, keras, kerasBatch, kerasNetwork } from '../support/keras.ts'

type Params = (typeof keras.runs)[number]['params']
type Values = ReadonlyMap<string, Float32Array>

/** A training of the script's network that can be left and taken up again. */
function openRun(params: Params, engine: 'compiled' | 'eager' = 'compiled') {
  const network = kerasNetwork()
  network.getLayer('norm').trainable = !params.frozen
  const graph = layerGraphOf(network)
  const variables = createVariables(graph, weightsOf(network))
  network.dispose()
  const trainable = trainableOf(graph, variables)
  const optimizer = openOptimizer(params, trainable)
  const parts = { graph, variables, trainable, optimizer, inputShape: [KERAS_SIDE, KERAS_SIDE, 3] }
  const step = openStep({ ...parts, params: { ...params, batchNormMomentum: 0.9, engine }, seed: 1 })
  const owned = new Map([...variables.values(), ...optimizer.slots].map((variable) => [variable.name, variable]))
  return {
    averages: optimizer.averages,
    /** The losses of the steps `from` to `to`, from 1. */
    take: (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => {
        const numbers = optimizer.numbers(from + i, params.learningRate)
        const output = step.take(kerasBatch(from + i - 1), from + i, numbers)
        const [loss = Number.NaN] = output.dataSync()
        output.dispose()
        return loss
      }),
    save: (): Values => new Map([...owned].map(([name, variable]) => [name, saveVariable(variable)])),
    restore: (values: Values) => {
      for (const [name, variable] of owned) writeVariable(variable, values.get(name) as Float32Array)
    },
    close: () => {
      step.dispose()
      for (const variable of owned.values()) disposeVariable(variable)
    },
  }
}

function greatestDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  expect(ours.length).toBe(theirs.length)
  return Array.from(ours).reduce((most, value, i) => Math.max(most, Math.abs(value - (theirs[i] ?? Number.NaN))), 0)
}

/** How many values of each channel the batch norm of the script's network sees: 6 images of 3 by 3. */
const SEEN = 54

/**
 * Keras 3 moves the running variance by the biased variance b, ours by b · n / (n − 1): after t steps with momentum m,
 * v − mᵗ v₀ is n / (n − 1) times theirs.
 */
function unbiased(theirs: readonly number[], first: ArrayLike<number>, steps: number): number[] {
  const kept = 0.9 ** steps
  return theirs.map((value, c) => kept * (first[c] ?? 0) + (SEEN / (SEEN - 1)) * (value - kept * (first[c] ?? 0)))
}

describe.each(keras.runs)('twenty steps with $name', ({ params, losses, weights, averages }) => {
  // Keras computes the powers of beta in float32; ours are rounded once, which moves the size of a step by some 1e-5 of it.
  const tolerance = params.optimizer === 'sgd' ? 1e-6 : 1e-5

  it.each(['compiled', 'eager'] as const)('have the losses and end with the weights of Keras, %s', (engine) => {
    const run = openRun(params, engine)
    const first = run.save().get('norm/moving_variance') ?? []
    expect(greatestDifference(run.take(1, losses.length), losses)).toBeLessThan(tolerance)
    const ours = run.save()
    for (const [name, theirs] of Object.entries(weights)) {
      const biased = name === 'norm/moving_variance' && !params.frozen
      const expected = biased ? unbiased(theirs, first, losses.length) : theirs
      expect(greatestDifference(ours.get(name) ?? [], expected), name).toBeLessThan(tolerance)
    }
    expect([...run.averages.keys()]).toEqual(Object.keys(averages))
    for (const [name, theirs] of Object.entries(averages)) {
      expect(greatestDifference(ours.get(`${name}/average`) ?? [], theirs), name).toBeLessThan(tolerance)
    }
    run.close()
  })

  it('end with the same bits when they are interrupted', () => {
    const [whole, before, after] = [openRun(params), openRun(params), openRun(params)]
    const losses = whole.take(1, 20)
    before.take(1, 9)
    after.restore(before.save())
    expect(after.take(10, 20)).toEqual(losses.slice(9))
    expect(after.save()).toEqual(whole.save())
    for (const run of [whole, before, after]) run.close()
  })
})

describe('openOptimizer', () => {
  const PLAIN = {
    optimizer: 'sgd',
    momentum: 0,
    nesterov: false,
    weightDecay: 0,
    clipNorm: null,
    ema: null,
  } as const satisfies OptimizerParams

  /** Where two variables, a vector and a scalar, end after steps along the same gradients with the learning rate 0.1. */
  function moved(params: Partial<OptimizerParams>, gradients: readonly [number[], number], steps = 1): number[][] {
    const variables = [
      createVariable('kernel', [2], Float32Array.of(2, 4)),
      createVariable('bias', [], Float32Array.of(1)),
    ]
    const optimizer = openOptimizer({ ...PLAIN, ...params }, variables)
    for (let step = 1; step <= steps; step++) {
      tf.tidy(() => {
        const numbers = optimizer.numbers(step, 0.1).map((number) => tf.scalar(number))
        optimizer.apply([tf.tensor1d(gradients[0]), tf.scalar(gradients[1])], numbers)
      })
    }
    const shown = variables.map((variable) => [...saveVariable(optimizer.averages.get(variable.name) ?? variable)])
    for (const variable of [...variables, ...optimizer.slots]) disposeVariable(variable)
    return shown.map((values) => values.map((value) => Number(value.toFixed(5))))
  }

  it('clips gradients by the norm of all of them together', () => {
    // norm of (2, 3) and 6: 7; clipped to 3.5 they are halved
    expect(moved({ clipNorm: 3.5 }, [[2, 3], 6])).toEqual([[1.9, 3.85], [0.7]])
  })

  it('leaves gradients alone whose norm is small enough, or 0', () => {
    expect(moved({ clipNorm: 8 }, [[2, 3], 6])).toEqual([[1.8, 3.7], [0.4]])
    expect(moved({ clipNorm: 8 }, [[0, 0], 0])).toEqual([[2, 4], [1]])
  })

  it('makes everything NaN when a gradient is not finite, so that no step goes wrong unnoticed', () => {
    expect(moved({ clipNorm: 1 }, [[1, Number.POSITIVE_INFINITY], 1]).flat()).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ])
  })

  it('decays every weight with adamw, biases too, whatever its gradient', () => {
    // w − 0.1 · 0.5 · w
    expect(moved({ optimizer: 'adamw', weightDecay: 0.5 }, [[0, 0], 0])).toEqual([[1.9, 3.8], [0.95]])
  })

  it('starts an average with the weights after the first step', () => {
    // weights 1.8, 3.6 and 0.9, then 1.6, 3.2 and 0.8; averaged half and half
    expect(moved({ ema: 0.5 }, [[2, 4], 1])).toEqual([[1.8, 3.6], [0.9]])
    expect(moved({ ema: 0.5 }, [[2, 4], 1], 2)).toEqual([[1.7, 3.4], [0.85]])
  })
})
